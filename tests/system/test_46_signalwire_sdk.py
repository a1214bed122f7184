"""SignalWire's own client library, unmodified from PyPI, against the real daemon."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from signalwire.core.function_result import FunctionResult
from signalwire.relay.event import RecordEvent
from signalwire.rest import RestClient
from signalwire.rest._base import SignalWireRestError

from tests.box import Box
from tests.ports import free_port
from tests.system.api import box_of

PROJECT, TOKEN = "p-1", "kept-secret-0123456789"
AUDIO = {"format": "wav", "direction": "speak", "terminators": "#", "end_silence_timeout": 0, "initial_timeout": 0}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A box that speaks plain HTTP on 127.0.0.1, and HTTPS on an address that the library takes for no loopback."""
    folder = tmp_path_factory.mktemp("box")
    https = f"127.0.0.2:{free_port()}"
    with box_of(folder, project_id=PROJECT, token=TOKEN, plain_http=True, https_listen=https) as box:
        box.hosts = {"http": box.http.removeprefix("http://"), "https": https}
        box.until_ready()
        yield box


@pytest.fixture(params=["http", "https"])
def client(request: pytest.FixtureRequest, box: Any, monkeypatch: pytest.MonkeyPatch) -> RestClient:
    if request.param == "https":
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):  # they win in `requests`
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("SIGNALWIRE_REST_CA_FILE", str(box.folder / "state/tls/ca.crt"))
    return RestClient(project=PROJECT, token=TOKEN, host=box.hosts[request.param])


def test_a_recording_is_started_paused_resumed_stopped_listed_fetched_and_deleted(box: Box, client: RestClient) -> None:
    started: Any = client.calling.record("front", control_id="sdk", audio=AUDIO)
    assert (started["type"], started["project_id"], started["control_id"]) == ("relay_sip_call", PROJECT, "sdk")
    recording_id, call_id = started["recording_id"], started["id"]
    box.until_told(recording_id, lambda params: params["state"] == "recording")
    client.calling.record_pause(call_id, control_id="sdk", extras={"behavior": "silence"})
    box.until_told(recording_id, lambda params: params["state"] == "paused")
    client.calling.record_resume(call_id, control_id="sdk")
    stopped: Any = client.calling.record_stop(call_id, control_id="sdk")
    assert stopped["recording_id"] == recording_id
    box.end_of(recording_id)
    listed: Any = client.recordings.list(page_size=1)
    assert [each["id"] for each in listed["data"]] == [recording_id]
    assert set(listed["links"]) >= {"self", "first"}
    fetched: Any = client.recordings.get(recording_id)
    assert fetched == listed["data"][0]
    assert (fetched["status"], fetched["relay_sip_leg_id"]) == ("completed", call_id)
    assert client.recordings.delete(recording_id) == {}
    with pytest.raises(SignalWireRestError) as gone:
        client.recordings.get(recording_id)
    assert gone.value.status_code == 404
    assert gone.value.request_id


def test_an_error_is_read_with_status_body_and_request_id(client: RestClient) -> None:
    with pytest.raises(SignalWireRestError) as refused:
        client.calling.record("front", audio={**AUDIO, "beep": True})
    assert refused.value.status_code == 422
    [error] = refused.value.body["errors"]
    assert (error["status"], error["code"]) == ("422", "unsupported")
    assert {"detail", "title"} <= set(error)
    assert refused.value.request_id
    with pytest.raises(SignalWireRestError) as unknown:
        client.calling.record_stop("nobody", control_id="x")
    assert unknown.value.status_code == 404


def test_wrong_credentials_are_401(box: Any) -> None:
    for project, token in ((PROJECT, "wrong"), ("other", TOKEN)):
        with pytest.raises(SignalWireRestError) as refused:
            RestClient(project=project, token=token, host=box.hosts["http"]).recordings.list()
        assert refused.value.status_code == 401


def test_our_events_are_read(box: Box, client: RestClient) -> None:
    started: Any = client.calling.record("front", audio={**AUDIO, "max_length": 0.5})
    end = box.end_of(started["recording_id"])
    first, last = (RecordEvent.from_payload(event) for event in box.of(started["recording_id"]))
    assert (first.event_type, first.state, first.url) == ("calling.call.record", "recording", started["url"])
    assert (last.state, last.url, last.duration, last.size) == ("finished", started["url"], 0.5, end["size"])
    assert (last.control_id, last.call_id) == (started["control_id"], started["id"])


def test_its_documents_run(box: Box) -> None:
    def run(result: FunctionResult) -> Any:
        path, auth = f"{box.http}/api/v1/lines/front/swml", (PROJECT, TOKEN)
        answer = requests.post(path, json=result.to_dict(), auth=auth, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.json()["variables"]

    started = run(FunctionResult("recording").record_call(control_id="by-document", terminators="#"))
    assert started["record_call_result"] == "success"
    assert started["record_control_id"] == "by-document"
    recording_id = started["record_call_url"].rpartition("/")[2].partition(".")[0]
    box.until_told(recording_id, lambda params: params["state"] == "recording")
    assert run(FunctionResult("").stop_record_call("by-document")) == {"stop_record_call_result": "success"}
    assert box.end_of(recording_id)["end_reason"] == "stop_command"


def test_pages_are_followed_by_its_iterator(box: Any) -> None:
    from signalwire.rest._pagination import PaginatedIterator

    client = RestClient(project=PROJECT, token=TOKEN, host=box.hosts["http"])
    ids = []
    for _ in range(3):
        started: Any = client.calling.record("front", audio={**AUDIO, "max_length": 0.05})
        box.end_of(started["recording_id"])
        ids.append(started["recording_id"])
    pages = PaginatedIterator(client._http, "/api/relay/rest/recordings", params={"page_size": 2})
    assert [each["id"] for each in pages][:3] == ids[::-1]

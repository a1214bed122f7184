"""What a receiver at status_url gets: one POST per state."""

import base64
import hashlib
import hmac
from collections.abc import Iterator

import pytest
from signalwire.core.security.webhook_validator import (
    validate_webhook_signature,
    validate_webhook_signature_sha256,
)

from tests.box import Box
from tests.fixtures.receiver import Receiver
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav

KEY = "PSK-grün 1234"
STANDARD = b"a key of twenty-four byte"
STATES = ["recording", "paused", "recording", "finished"]


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("box")
    line = write_wav(folder / "line.wav", noise(8000 * 5))
    webhook = {
        "signing_key": KEY,
        "standard_key": f"whsec_{base64.b64encode(STANDARD).decode()}",
        "allow": [f"127.0.0.1:{receiver.port}"],
    }
    with Box(folder, {"front": {"device": f"file:{line}", "loop": True}}, webhook=webhook) as box:
        box.start("serve", {"http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"})
        box.start("capture")
        box.until_ok({"line": "front", "record_call": {"max_length": 0.01}})
        yield box


def record(box: Box, status_url: str) -> str:
    """A recording that tells four states; returns its recording_id once it has ended."""
    started = box.until_ok({"line": "front", "record_call": {"status_url": status_url}})
    about = {"control_id": started["control_id"]}
    recording_id = str(started["recording_id"])
    for command, state in (("pause", "paused"), ("resume", "recording"), ("stop", "finished")):
        box.until_told(recording_id, lambda params: params["state"] == "recording")
        box.until_ok({"line": "front", "command": f"calling.record.{command}", "params": about})
        box.until_told(recording_id, lambda params, state=state: params["state"] == state)
    box.end_of(recording_id)
    return recording_id


def test_each_state_is_one_post_with_the_bytes_of_the_event(box: Box, receiver: Receiver) -> None:
    recording_id = record(box, receiver.url("/each"))
    got = until(lambda: receiver.on("/each")[3:] and receiver.on("/each"), 10, "four POSTs")
    assert [each.state for each in got] == STATES
    assert [each.event for each in got] == box.of(recording_id)
    assert {each.headers["Content-Type"] for each in got} == {"application/json"}
    assert len({each.event["event_id"] for each in got}) == 4


def test_a_post_is_signed_as_signalwire_signs(box: Box, receiver: Receiver) -> None:
    url = receiver.url("/signed?a=b%20c&d=%2F")
    record(box, url)
    for got in until(lambda: receiver.on("/signed")[3:] and receiver.on("/signed"), 10, "four POSTs"):
        assert got.target == "/signed?a=b%20c&d=%2F"
        signed = url.encode() + got.body
        sha1 = hmac.new(KEY.encode(), signed, hashlib.sha1).hexdigest()
        assert got.headers["X-SignalWire-Signature"] == sha1
        assert validate_webhook_signature(KEY, sha1, url, got.body.decode())
        sha256 = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
        assert got.headers["X-SignalWire-Sha256-Signature"] == sha256
        assert validate_webhook_signature_sha256(KEY, sha256, url, got.body.decode())


def test_a_post_is_signed_by_standard_webhooks(box: Box, receiver: Receiver) -> None:
    record(box, receiver.url("/standard"))
    for got in until(lambda: receiver.on("/standard")[3:] and receiver.on("/standard"), 10, "four POSTs"):
        assert got.headers["webhook-id"] == got.event["event_id"]
        assert abs(int(got.headers["webhook-timestamp"]) - got.at) < 5
        signed = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}.".encode() + got.body
        digest = base64.b64encode(hmac.new(STANDARD, signed, hashlib.sha256).digest()).decode()
        assert got.headers["webhook-signature"] == f"v1,{digest}"


def test_user_info_goes_as_basic_and_is_not_signed(box: Box, receiver: Receiver) -> None:
    record(box, receiver.url("/basic#part", user="us%40er:pa%3Ass@"))
    got = until(lambda: receiver.on("/basic"), 10, "a POST")[0]
    assert base64.b64decode(got.headers["Authorization"].removeprefix("Basic ")) == b"us@er:pa:ss"
    signed = receiver.url("/basic").encode() + got.body
    assert got.headers["X-SignalWire-Signature"] == hmac.new(KEY.encode(), signed, hashlib.sha1).hexdigest()
    assert "pa%3Ass" not in box.log("serve")


def test_an_empty_path_is_a_slash_and_the_host_is_in_lower_case(box: Box, receiver: Receiver) -> None:
    record(box, f"HTTP://LOCALHOST:{receiver.port}")
    got = until(lambda: receiver.on("/"), 10, "a POST")[0]
    assert got.target == "/"
    signed = f"http://localhost:{receiver.port}/".encode() + got.body
    assert got.headers["X-SignalWire-Signature"] == hmac.new(KEY.encode(), signed, hashlib.sha1).hexdigest()


def test_a_recording_without_status_url_is_told_to_nobody(box: Box, receiver: Receiver) -> None:
    recording_id = box.until_ok({"line": "front", "record_call": {"max_length": 0.1}})["recording_id"]
    box.end_of(recording_id)
    record(box, receiver.url("/after"))
    until(lambda: receiver.on("/after")[3:], 10, "four POSTs")
    assert not [got for got in receiver.got if got.event["params"]["recording_id"] == recording_id]


def test_the_secret_keys_are_in_no_log(box: Box) -> None:
    assert KEY not in box.log("serve")
    assert "whsec_" not in box.log("serve")

"""The commands against a fake service: what they ask it, what they print, how they end."""

import json
import socket

import pytest

from recorder.cli import exits
from recorder.cli.main import main
from recorder.contract.bounds import CHECKS
from tests.cli.conftest import ID, a_line
from tests.cli.fake import Fake, errors

OTHER = "01a20971-b792-7f36-a918-0b234083ac87"
FRONT, BACK = "/api/v1/lines/front/commands", "/api/v1/lines/back/commands"
LIVE = {"control_id": "c", "recording_id": ID, "state": "recording", "call_id": "k"}


def done(**data: object):
    return (200, {"status": "ok", "code": 200, "data": data})


def commands(fake: Fake) -> list[tuple[str, str, dict[str, object]]]:
    """(line, command, params) of each that came."""
    return [
        (each.path.split("/")[4], each.json["command"], each.json.get("params"))
        for each in fake.asked
        if each.command == "POST"
    ]


# Which lines and recordings are meant.


@pytest.mark.parametrize("command", ["start", "pause", "resume", "stop"])
def test_which_line_must_be_said_where_there_are_two(shell, fake: Fake, command: str) -> None:
    status, _, err = shell(command)
    assert (status, err) == (
        exits.USAGE,
        [f"recorder {command}: --line or --all is missing: the lines are front or back"],
    )
    assert commands(fake) == []


def test_the_only_line_needs_no_name(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front")]})
    fake.answers[f"POST {FRONT}"] = done(digit="5")
    assert shell("digit", "5") == (0, ["front\t5"], [])


def test_line_that_is_none_is_refused(shell, fake: Fake) -> None:
    status, _, err = shell("start", "--line", "x")
    assert (status, err) == (exits.REFUSED, ["recorder start: there is no line x; there are: front, back"])
    assert commands(fake) == []


def test_line_and_all_exclude_each_other(shell) -> None:
    assert shell("stop", "--line", "front", "--all")[0] == exits.USAGE


def test_stop_without_a_name_ends_all_that_live_on_the_line(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front", "a", "b"), a_line("back", "c")]})
    fake.answers[f"POST {FRONT}"] = done(**LIVE)
    assert shell("stop", "--line", "front")[0] == 0
    assert commands(fake) == [
        ("front", "calling.record.stop", {"control_id": "a"}),
        ("front", "calling.record.stop", {"control_id": "b"}),
    ]


def test_all_reaches_every_line(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front", "a", "b"), a_line("back", "a")]})
    fake.answers |= {f"POST {FRONT}": done(**LIVE), f"POST {BACK}": done(**LIVE)}
    assert shell("pause", "--all", "a", "--behavior", "silence")[0] == 0
    params = {"control_id": "a", "behavior": "silence"}
    assert commands(fake) == [("front", "calling.record.pause", params), ("back", "calling.record.pause", params)]


def test_a_name_that_one_recording_has_needs_no_line(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front", "a"), a_line("back", "c")]})
    fake.answers[f"POST {BACK}"] = done(**LIVE)
    assert shell("resume", "c") == (0, [f"back\trecording\tc\t{ID}"], [])


def test_a_name_that_two_recordings_have_needs_the_line(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front", "a"), a_line("back", "a")]})
    assert shell("resume", "a")[0] == exits.USAGE
    assert commands(fake) == []


def test_a_name_that_no_live_one_has_is_the_services_to_know(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = done(**LIVE | {"state": "finished"})
    assert shell("stop", "c", "--line", "front") == (0, [f"front\tfinished\tc\t{ID}"], [])


def test_a_name_that_no_live_one_has_on_any_line_is_refused(shell) -> None:
    status, _, err = shell("stop", "nobody")
    assert (status, err) == (exits.REFUSED, ["recorder stop: no live recording has this control_id"])


def test_what_was_told_to_end_is_stopping(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front", "c")]})
    live = {"control_id": "c", "recording_id": ID, "state": "recording"}
    fake.answers["POST /api/v1/lines/front/commands"] = (200, {"status": "ok", "code": 200, "data": live})
    assert shell("stop", "c")[1] == [f"front\tstopping\tc\t{ID}"]
    assert shell("resume", "c")[1] == [f"front\trecording\tc\t{ID}"]


def test_stop_where_nothing_lives_is_refused(shell, fake: Fake) -> None:
    assert shell("stop", "--all") == (exits.REFUSED, [], ["recorder stop: no recording lives"])
    assert commands(fake) == []


# What is sent, and what is told of it.


def test_every_parameter_is_an_option_and_reaches_the_service_as_json(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = done(**LIVE)
    given = {
        "control_id": ("12", "12"),
        "stereo": (None, True),
        "format": ("mp3", "mp3"),
        "direction": ("both", "both"),
        "terminators": ("1", "1"),
        "beep": (None, True),
        "input_sensitivity": ("50", 50),
        "initial_timeout": ("1.5", 1.5),
        "end_silence_timeout": ("2", 2),
        "max_length": ("6e1", 60),
        "status_url": ("http://x/", "http://x/"),
        "pre_roll": ("3", 3),
        "beep_interval": ("words", "words"),
    }
    assert set(given) == set(CHECKS)
    flat = [
        part
        for name, (text, _) in given.items()
        for part in ([f"--{name.replace('_', '-')}"] + ([] if text is None else [text]))
    ]
    assert shell("start", "--line", "front", *flat)[0] == 0
    assert commands(fake) == [("front", "record_call", {name: value for name, (_, value) in given.items()})]


def test_what_is_not_given_is_not_sent(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = done(**LIVE)
    shell("start", "--line", "front", "--no-stereo")
    assert commands(fake) == [("front", "record_call", {"stereo": False})]


def test_a_number_beyond_all_numbers_is_left_to_the_service_to_refuse(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = done(**LIVE)
    shell("start", "--line", "front", "--max-length", "1e999", "--format", "ogg")
    assert commands(fake) == [("front", "record_call", {"format": "ogg", "max_length": "1e999"})]


def test_every_fault_is_told_of_its_option_and_what_follows_goes_on(shell, fake: Fake) -> None:
    refusal = errors("max_length must be a number", "line is down", attribute="max_length")
    refusal["errors"][1]["attribute"] = ""
    fake.answers |= {f"POST {FRONT}": (422, {"status": "error", "code": 422, **refusal}), f"POST {BACK}": done(**LIVE)}
    assert shell("start", "--all", "--max-length", "x") == (
        exits.REFUSED,
        [f"back\trecording\tc\t{ID}"],
        ["recorder start: front: --max-length: must be a number", "recorder start: front: line is down"],
    )


def test_json_has_every_answer_whole(shell, fake: Fake) -> None:
    fake.answers |= {f"POST {FRONT}": (409, errors("taken", code="conflict")), f"POST {BACK}": done(**LIVE)}
    status, out, err = shell("start", "--all", "--json")
    assert status == exits.REFUSED
    assert [json.loads(each) for each in out] == [
        {
            "line": "front",
            "status": "error",
            "code": 409,
            "errors": [{"code": "conflict", "detail": "taken", "attribute": ""}],
        },
        {"line": "back", "status": "ok", "code": 200, "data": LIVE},
    ]
    assert err == ["recorder start: front: taken"]


def test_a_call_is_told_with_all_that_was_given(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = done(call_id="k", state="begin")
    shell(
        *("call", "begin", "k", "--line", "front", "--project-id", "p", "--space-id", "s"),
        *("--metadata", "a=b=c", "--metadata", "d="),
    )
    params = {"call_id": "k", "state": "begin", "project_id": "p", "space_id": "s", "metadata": {"a": "b=c", "d": ""}}
    assert commands(fake) == [("front", "call", params)]


@pytest.mark.parametrize("arguments", [("call", "begin", "k", "--metadata", "=x"), ("call", "over", "k"), ("call",)])
def test_call_that_is_none_is_a_usage_error(shell, arguments: tuple[str, ...]) -> None:
    assert shell(*arguments)[0] == exits.USAGE


def test_nothing_the_service_says_is_obeyed_by_the_terminal(shell, fake: Fake) -> None:
    fake.answers[f"POST {FRONT}"] = (422, errors("a\x1b[31m\nb"))
    assert shell("start", "--line", "front")[2] == ["recorder start: front: a [31m b"]


def test_no_service_is_status_69(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        assert main(["ls", "--url", url]) == exits.UNAVAILABLE
    assert capsys.readouterr().err == f"recorder ls: no answer from {url}: Connection refused\n"


# Recordings.


def test_ls_asks_for_what_is_wanted_page_by_page(shell, fake: Fake) -> None:
    one, two = {"recording_id": ID, "state": "finished", "duration": 1.5}, {"recording_id": OTHER}
    fake.answers["GET /api/v1/recordings"] = [
        (200, {"recordings": [one], "next": "/more"}),
        (200, {"recordings": [two]}),
    ]
    status, out, _ = shell("ls", "--limit", "0", "--line", "a&b", "--since", "5", "--erased")
    assert (status, out) == (0, [f"{ID}\t\t\tfinished\t1.5\t\t\t\t", f"{OTHER}" + "\t" * 8])
    assert fake.requests() == [
        "GET /api/v1/recordings?line=a%26b&since=5&erased=true&limit=200",
        f"GET /api/v1/recordings?line=a%26b&since=5&erased=true&before={ID}&limit=200",
    ]


def test_ls_ends_at_its_limit(shell, fake: Fake) -> None:
    fake.answers["GET /api/v1/recordings"] = (200, {"recordings": [{"recording_id": ID}], "next": "/more"})
    assert len(shell("ls", "--limit", "2", "--json")[1]) == 2
    assert [each.rpartition("=")[2] for each in fake.requests()] == ["2", "1"]


@pytest.mark.parametrize("limit", ["-1", "x", "1.5", "٣"])
def test_limit_that_is_none_is_a_usage_error(shell, limit: str) -> None:
    assert shell("ls", f"--limit={limit}")[0] == exits.USAGE


def test_show_tells_a_fact_a_line(shell, fake: Fake) -> None:
    fake.answers[f"GET /api/v1/recordings/{ID}"] = (200, {"recording_id": ID, "created_at": 0, "gaps": [{"start": 1}]})
    out = [f"recording_id\t{ID}", "created_at\t1970-01-01T00:00:00.000Z", 'gaps\t[{"start": 1}]']
    assert shell("show", ID.upper()) == (0, out, [])


@pytest.mark.parametrize("name", ["1", "../tokens", f"{ID}/..", ""])
@pytest.mark.parametrize("command", ["show", "rm", "export"])
def test_id_that_is_none_is_never_sent(shell, fake: Fake, command: str, name: str) -> None:
    assert shell(command, name, *(["-o", "x"] if command == "export" else []))[0] == exits.USAGE
    assert fake.asked == []


def test_rm_goes_on_behind_one_that_is_refused(shell, fake: Fake) -> None:
    fake.answers |= {
        f"DELETE /api/v1/recordings/{ID}": (409, errors("it lives")),
        f"DELETE /api/v1/recordings/{OTHER}": (204,),
    }
    status, out, err = shell("rm", ID, OTHER)
    assert (status, out, err) == (exits.REFUSED, [f"{OTHER}\terased"], [f"recorder rm: {ID}: it lives"])


@pytest.mark.parametrize(("said", "erased"), [("y\n", True), ("n\n", False), ("\n", False), ("", False)])
def test_rm_asks_on_a_terminal(shell, fake: Fake, monkeypatch: pytest.MonkeyPatch, said: str, erased: bool) -> None:
    class Terminal:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            return said

    monkeypatch.setattr("sys.stdin", Terminal())
    fake.answers |= {
        f"GET /api/v1/recordings/{ID}": (200, {"recording_id": ID, "line": "front", "duration": 2}),
        f"DELETE /api/v1/recordings/{ID}": (204,),
    }
    assert shell("rm", ID)[0] == 0
    assert any(each.startswith("DELETE") for each in fake.requests()) == erased


# Deliveries.


def test_deliveries_are_listed_and_sent_again(shell, fake: Fake) -> None:
    one = {"delivery": 7, "state": "given_up", "door": "webhook", "url": "http://x/", "last_error": "500"}
    fake.answers |= {
        "GET /api/v1/deliveries": (200, {"deliveries": [one]}),
        "POST /api/v1/deliveries/7/again": (200, {"delivery": 7, "state": "pending"}),
    }
    status, out, _ = shell("deliveries", "--state", "given_up", "--door", "webhook")
    assert (status, out) == (0, ["7\tgiven_up\twebhook\thttp://x/\t\t\t\t500"])
    assert shell("deliveries", "--again", "7", "--json") == (0, ['{"delivery": 7, "state": "pending"}'], [])
    assert fake.requests() == [
        "GET /api/v1/deliveries?state=given_up&door=webhook&limit=50",
        "POST /api/v1/deliveries/7/again",
    ]

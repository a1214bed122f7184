"""The commands of the shell against the real service, over HTTP, HTTPS and MQTT."""

import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.box import Box
from tests.fixtures.mosquitto import Mosquitto
from tests.fixtures.receiver import Receiver
from tests.ports import free_port
from tests.system.shell import TOKEN, WAYS, Shell, begin, box_of_shell
from tests.waiting import until


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory, broker: Mosquitto, receiver: Receiver) -> Iterator[Box]:
    with box_of_shell(tmp_path_factory.mktemp("box"), broker, receiver) as box:
        yield box


@pytest.fixture
def shell(box: Box) -> Iterator[Shell]:
    shell = Shell(box.config)
    yield shell
    shell("stop", "--all")


@WAYS
def test_a_recording_is_begun_paused_gone_on_with_and_ended(shell: Shell, box: Box, way: tuple[str, ...]) -> None:
    name = f"life{len(way)}"
    recording_id = begin(shell, box, *way, "--control-id", name, "--direction", "speak", "--max-length", "3600")[
        "recording_id"
    ]
    for command, arguments, state in (
        ("pause", ("--behavior", "silence"), "paused"),
        ("resume", (), "recording"),
        ("stop", (), "finished"),
    ):
        seen = len(box.of(recording_id))
        assert shell(command, name, "--line", "front", *arguments, *way).returncode == 0
        until(lambda seen=seen: len(box.of(recording_id)) > seen, 20, f"what {command} does")
        assert box.of(recording_id)[-1]["params"]["state"] == state
    assert box.of(recording_id)[1]["params"]["pause_behavior"] == "silence"
    assert box.end_of(recording_id)["end_reason"] == "stop_command"


@WAYS
def test_all_means_every_line(shell: Shell, box: Box, way: tuple[str, ...]) -> None:
    begun = [each["data"]["recording_id"] for each in shell.json("start", "--all", *way)]
    assert len(begun) == 2
    for each in begun:
        box.until_told(each, lambda params: params["state"] == "recording")
    until(lambda: len(shell.json("stop", "--all", *way)) == 2, 20, "both to be ended")
    assert {box.end_of(each)["line"] for each in begun} == {"front", "back"}
    again = shell("stop", "--all", *way)
    assert (again.returncode, again.stderr) == (1, "recorder stop: no recording lives\n")


@WAYS
def test_a_digit_ends_a_recording_that_waits_for_it(shell: Shell, box: Box, way: tuple[str, ...]) -> None:
    recording_id = begin(shell, box, "--terminators", "*", *way)["recording_id"]
    assert shell("digit", "*", "--line", "front", *way).returncode == 0
    assert box.end_of(recording_id)["digit"] == "*"


@WAYS
def test_the_end_of_a_call_ends_its_recordings(shell: Shell, box: Box, way: tuple[str, ...]) -> None:
    assert (
        shell("call", "begin", "k-1", "--line", "front", "--metadata", "who=me", *way).stdout == "front\tk-1\tbegin\n"
    )
    data = begin(shell, box, *way)
    assert data["call_id"] == "k-1"
    assert shell("call", "end", "k-1", "--line", "front", *way).returncode == 0
    assert box.end_of(data["recording_id"])["end_reason"] == "call_ended"
    [found] = shell.json("show", data["recording_id"])
    assert found["metadata"] == {"who": "me"}


@WAYS
def test_every_fault_of_a_command_is_named_and_nothing_is_done(shell: Shell, way: tuple[str, ...]) -> None:
    options = ("--max-length", "-1", "--direction", "up", "--beep", "--terminators", "x")
    ended = shell("start", "--line", "back", *options, *way)
    assert ended.returncode == 1
    named = {line.removeprefix("recorder start: back: ").partition(":")[0] for line in ended.stderr.splitlines()}
    assert named == {"--max-length", "--direction", "--beep", "--terminators"}
    assert ended.stdout == ""


def test_what_is_recorded_is_listed_shown_copied_and_erased(shell: Shell, box: Box, tmp_path: Path) -> None:
    recording_id = begin(shell, box, "--control-id", "kept", "--max-length", "0.5")["recording_id"]
    end = box.end_of(recording_id)
    newest = shell("ls", "--line", "front", "--state", "finished", "--limit", "1").stdout.rstrip("\n").split("\t")
    assert newest[0] == recording_id
    assert newest[2:8] == ["front", "finished", "0.5", str(end["size"]), "max_length", "kept"]
    [found] = shell.json("show", recording_id)
    assert (found["duration"], found["parameters"]["max_length"]) == (0.5, 0.5)
    copied = tmp_path / "kept.wav"
    [told] = shell.json("export", recording_id, "-o", str(copied))
    assert told == {"recording_id": recording_id, "file": str(copied), "size": end["size"]}
    assert copied.read_bytes() == box.file_of(recording_id).read_bytes()
    assert shell("export", recording_id, "-o", str(copied)).returncode == 73
    assert shell("rm", recording_id).stdout == f"{recording_id}\terased\n"
    assert shell("export", recording_id, "-o", str(copied), "--force").returncode == 1
    assert copied.stat().st_size == end["size"]
    assert shell("rm", recording_id).returncode == 1
    [erased] = [each for each in shell.json("ls", "--erased", "--limit", "0") if each["recording_id"] == recording_id]
    assert "parameters" not in erased


def test_a_recording_that_goes_on_is_copied_as_far_as_it_is(shell: Shell, box: Box, tmp_path: Path) -> None:
    recording_id = begin(shell, box)["recording_id"]
    assert shell("rm", recording_id, "--yes").returncode == 1
    copied = tmp_path / "growing.wav"

    def frames() -> int:
        if shell("export", recording_id, "-o", str(copied), "--force").returncode != 0:
            return 0
        with wave.open(str(copied)) as file:
            return file.getnframes()

    assert until(frames, 20, "audio to be there") > 0


def test_deliveries_are_listed_and_sent_again(shell: Shell, box: Box, receiver: Receiver) -> None:
    receiver.answer("/gone", 410)
    url = f"http://user:secret@127.0.0.1:{receiver.port}/gone"
    recording_id = begin(shell, box, "--status-url", f"{url}?key=secret", "--max-length", "0.1")["recording_id"]
    box.end_of(recording_id)

    def given_up() -> list[dict[str, Any]]:
        found = shell.json("deliveries", "--state", "given_up", "--door", "webhook")
        return [each for each in found if each["recording_id"] == recording_id]

    found = until(lambda: given_up()[1:] and given_up(), 20, "both events to be given up")
    assert {each["url"] for each in found} == {f"http://127.0.0.1:{receiver.port}/gone"}
    receiver.answer("/gone", 200)
    seen = len(receiver.on("/gone"))
    number = found[0]["delivery"]
    assert shell("deliveries", "--again", str(number)).stdout.startswith(f"{number}\tpending\t")
    until(lambda: len(receiver.on("/gone")) > seen, 20, "the event to come")
    assert receiver.on("/gone")[-1].event["event_id"] == found[0]["event_id"]
    assert shell("deliveries", "--again", "999999").returncode == 1
    page = shell.json("deliveries", "--limit", "2", "--before", str(number))
    assert [each["delivery"] for each in page] == [number - 1, number - 2]


# Who is asked, and how.


def test_the_certificate_of_the_box_is_known_to_its_own_shell_alone(box: Box, shell: Shell) -> None:
    url = f"https://{settings(box)['https_listen']}"
    assert shell("ls").returncode == 0  # by the configuration: over TLS, since there is a token
    stranger = shell("ls", "--url", url, "--token", TOKEN, config=False)
    assert (stranger.returncode, "is not trusted" in stranger.stderr) == (69, True)
    ca = box.folder / "state/tls/ca.crt"
    assert shell("ls", "--url", url, "--token", TOKEN, "--ca", str(ca), config=False).returncode == 0


def test_a_token_is_needed_and_never_told(box: Box, shell: Shell) -> None:
    url, ca = f"https://{settings(box)['https_listen']}", str(box.folder / "state/tls/ca.crt")
    nobody = shell("ls", "--url", url, "--ca", ca, config=False)
    assert (nobody.returncode, "a token is needed" in nobody.stderr) == (1, True)
    wrong = shell("start", "--all", "--url", url, "--ca", ca, "--token", "wrong-secret", config=False)
    assert (wrong.returncode, "not valid" in wrong.stderr, "wrong-secret" in wrong.stderr) == (1, True, False)
    by_variable = Shell(box.config, RECORDER_TOKEN=TOKEN)("ls", "--url", url, "--ca", ca, config=False)
    assert by_variable.returncode == 0
    assert TOKEN not in box.log("serve")


def test_nobody_there_is_status_69(box: Box, tmp_path: Path) -> None:
    for arguments in (("ls",), ("stop", "--all"), ("watch",)):
        ended = Shell(box.config)(*arguments, "--url", f"http://127.0.0.1:{free_port()}", config=False)
        assert (ended.returncode, ended.stderr.count("\n")) == (69, 1)
    config = tmp_path / "recorder.toml"
    config.write_text(f'node_id = "nobody"\n[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\n')
    for arguments in (("stop", "--all"), ("watch",)):
        assert Shell(config)(*arguments, "--mqtt").returncode == 69


def test_a_box_that_is_not_at_the_broker_is_status_69(
    broker: Mosquitto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from recorder.cli.main import main

    config = tmp_path / "recorder.toml"
    config.write_text(f'node_id = "nobody"\n[mqtt]\nurl = "{broker.url}"\n')
    monkeypatch.setattr("recorder.cli.mqtt_service.ANSWER_WITHIN_S", 0.2)
    assert main(["stop", "--all", "--mqtt", "--config", str(config)]) == 69
    assert "nothing is known of box nobody" in capsys.readouterr().err


def settings(box: Box) -> dict[str, str]:
    """The values of the box's configuration, as they stand in its file."""
    pairs = (line.partition(" = ") for line in box.config.read_text().splitlines())
    return {name: json.loads(value) for name, _, value in pairs if value}

"""`recorder export` against a fake service: the file that it makes, and what it leaves where it can't."""

import os
import resource
from pathlib import Path

import pytest

from recorder.cli import exits
from recorder.cli.main import main
from tests.cli.conftest import ID
from tests.cli.fake import Fake, Handler, errors


def audio(body: bytes, state: str = "finished") -> dict[str, object]:
    return {
        f"GET /api/v1/recordings/{ID}": (200, {"recording_id": ID, "format": "wav", "state": state}),
        f"GET /recordings/{ID}.wav": (200, body),
    }


def test_export_makes_the_file(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"x" * 1_000_000)
    output = tmp_path / "a.wav"
    assert shell("export", ID, "-o", str(output)) == (0, [f"{ID}\t{output}\t1000000"], [])
    assert output.read_bytes() == b"x" * 1_000_000
    assert list(tmp_path.iterdir()) == [output]


def test_export_of_what_goes_on_says_so(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"x", "paused")
    status, _, err = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    assert (status, err) == (0, ["recorder export: the recording goes on; FILE holds what there was of it"])


def test_export_replaces_a_file_only_when_forced(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"new")
    output = tmp_path / "a.wav"
    output.write_bytes(b"old")
    assert shell("export", ID, "-o", str(output))[0] == exits.CANT_CREATE
    assert (output.read_bytes(), fake.asked) == (b"old", [])
    assert shell("export", ID, "-o", str(output), "--force")[0] == 0
    assert output.read_bytes() == b"new"


def test_export_leaves_alone_a_file_that_came_in_between(shell, fake: Fake, tmp_path: Path) -> None:
    output = tmp_path / "a.wav"

    def meanwhile(asked: Handler) -> None:
        output.write_bytes(b"other")
        asked.answer(200, b"ours")

    fake.answers |= audio(b"") | {f"GET /recordings/{ID}.wav": meanwhile}
    assert shell("export", ID, "-o", str(output))[0] == exits.IO_ERROR
    assert output.read_bytes() == b"other"
    assert list(tmp_path.iterdir()) == [output]


def test_export_that_is_cut_off_leaves_nothing(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"")
    fake.answers[f"GET /recordings/{ID}.wav"] = lambda asked: asked.answer(200, b"xxx", {"Content-Length": "1000"})
    status, _, err = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    assert (status, err) == (exits.UNAVAILABLE, ["recorder export: the connection broke 997 bytes before the end"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("body", "is_whole"), [(b"3\r\nxxx\r\n0\r\n\r\n", True), (b"3\r\nxxx\r\n", False)])
def test_export_takes_what_a_proxy_sends_in_chunks(shell, fake: Fake, tmp_path: Path, body: bytes, is_whole) -> None:
    def chunked(asked: Handler) -> None:
        asked.send_response(200)
        asked.send_header("Transfer-Encoding", "chunked")
        asked.end_headers()
        asked.wfile.write(body)

    fake.answers |= audio(b"") | {f"GET /recordings/{ID}.wav": chunked}
    status, _, _ = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    assert status == (exits.FINISHED if is_whole else exits.UNAVAILABLE)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"xxx"] * is_whole


def test_export_that_is_refused_leaves_nothing(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"") | {f"GET /recordings/{ID}.wav": (404, errors("no audio was kept"))}
    status, _, err = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    assert (status, err) == (exits.REFUSED, ["recorder export: no audio was kept"])
    assert list(tmp_path.iterdir()) == []


def test_export_beside_another_is_refused(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"x")
    part = tmp_path / "a.wav.part"
    part.write_bytes(b"half")
    status, _, err = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    assert status == exits.CANT_CREATE
    assert "--force replaces it" in err[0]
    assert part.read_bytes() == b"half"
    assert shell("export", ID, "-o", str(tmp_path / "a.wav"), "--force")[0] == 0


def test_export_to_where_nothing_can_be_is_refused(shell, fake: Fake, tmp_path: Path) -> None:
    assert shell("export", ID, "-o", str(tmp_path / "no" / "a.wav"))[0] == exits.CANT_CREATE
    assert shell("export", ID, "-o", str(tmp_path))[0] == exits.CANT_CREATE
    assert fake.asked == []


def test_export_replaces_no_device(shell, fake: Fake, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    status, _, err = shell("export", ID, "-o", str(tmp_path / "pipe"), "--force")
    assert (status, err) == (exits.CANT_CREATE, [f"recorder export: {tmp_path / 'pipe'} is no file"])
    assert fake.asked == []


def test_export_to_stdout_is_the_audio_and_nothing_else(fake: Fake, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    fake.answers |= audio(bytes(range(256)) * 2000)
    assert main(["export", "--url", fake.url, ID, "-o", "-"]) == 0
    assert capfdbinary.readouterr() == (bytes(range(256)) * 2000, b"")


def test_export_that_the_disk_has_no_room_for_leaves_nothing(shell, fake: Fake, tmp_path: Path) -> None:
    fake.answers |= audio(b"x" * 100_000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        status, _, err = shell("export", ID, "-o", str(tmp_path / "a.wav"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (status, err) == (exits.IO_ERROR, [f"recorder export: {tmp_path / 'a.wav'}: File too large"])
    assert list(tmp_path.iterdir()) == []

"""A journal that can't be written: commands are refused, nothing begins, and all is well again afterwards."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.box import Box
from tests.noise import noise
from tests.waiting import until
from tests.wav import write_wav


@contextmanager
def nothing_can_be_written(pid: int) -> Iterator[None]:
    """No file of the process can grow, as on a disk that is full: write(2) fails."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def test_a_command_is_refused_and_nothing_begins_while_the_journal_fails(tmp_path: Path) -> None:
    wav = write_wav(tmp_path / "line.wav", noise(8000 * 5))
    with Box(tmp_path, {"front": {"device": f"file:{wav}", "loop": True}}) as box:
        serve = box.start("serve")
        box.start("capture")
        lasting = box.until_ok({"line": "front", "record_call": {"control_id": "before"}})["recording_id"]
        command = {"line": "front", "record_call": {"control_id": "c", "command_id": "a"}}
        with nothing_can_be_written(serve.pid):
            for _ in range(3):
                refused = box.ask(command)
                assert (refused["code"], refused["errors"][0]["code"]) == (507, "insufficient_storage")
            assert str(tmp_path) not in str(refused)
            assert box.ask({"line": "front", "command": "digit", "params": {"digit": "1"}})["code"] == 507
        started = box.until_ok(command)  # not remembered as refused, and the control_id is free
        assert box.ask(command)["data"] == started
        box.until_ok({"line": "front", "command": "calling.record.stop", "params": {"control_id": "c"}})
        assert box.end_of(started["recording_id"])["end_reason"] == "stop_command"
        told = {event["params"]["recording_id"] for event in box.events if event["params"]["control_id"] == "c"}
        assert told == {started["recording_id"]}
        kept = {path.name.partition(".")[0] for path in (tmp_path / "recordings").rglob("*.*")}
        until(lambda: kept <= {lasting, started["recording_id"]}, 5, f"no other file, of {kept}")
        assert "Traceback" not in box.log("serve")

"""The catalogue made again: from sidecars, from bare files, over and over, whatever hostile things stand between."""

import json
import os
import sqlite3
from pathlib import Path

import pytest

from recorder.cli.main import main
from recorder.config.load import load
from recorder.contract.ids import new_recording_id
from recorder.contract.links import Links
from recorder.service import identity
from recorder.service.lock import state_lock
from recorder.service.rebuild import rebuild
from recorder.store import calls, erasing, recordings, retention
from recorder.store.database import connect
from recorder.writers import formats
from recorder.writers.closing import seal
from recorder.writers.writer import Filing, Tags
from tests.noise import noise
from tests.wav import write_wav

ORDERED = 1_780_000_000
EXP = ORDERED + 604_800
KEY = "ab" * 32


class Disk:
    """Recordings with and without sidecars, and the configuration that names them."""

    def __init__(self, folder: Path) -> None:
        self.config_path = folder / "recorder.toml"
        self.state, self.root = folder / "state", folder / "recordings"
        self.day = self.root / "2026/05/28"
        self.day.mkdir(parents=True)
        self.state.mkdir()
        places = {"state_dir": self.state, "recordings_dir": self.root, "runtime_dir": folder / "run"}
        self.config_path.write_text("".join(f'{name} = "{path}"\n' for name, path in places.items()))
        self.config = load(self.config_path, {})
        self.number = 0

    def recording(self, **changes) -> str:
        """A file of a second with a sidecar as the service writes it, changed as told by dotted names."""
        self.number += 1
        name = new_recording_id((ORDERED + self.number) * 10**9)
        write_wav(self.day / f"{name}.wav", noise(8000, 2), channels=2)
        beside = {
            "event": {
                "event_type": "calling.call.record",
                "event_channel": "recorder:box/front",
                "event_id": name,
                "seq": 1,
                "timestamp": 1.0,
                "project_id": "p",
                "space_id": "",
                "params": {
                    "call_id": "call-1",
                    "node_id": "box",
                    "line": "front",
                    "control_id": "c",
                    "recording_id": name,
                    "state": "finished",
                    "record": {
                        "duration": 1.0,
                        "size": 32044,
                        "format": "wav",
                        "audio": {"format": "wav", "direction": "both", "stereo": True},
                    },
                    "duration": 1.0,
                    "size": 32044,
                    "start_time": ORDERED + 0.5,
                    "end_time": ORDERED + 1.5,
                    "end_reason": "terminator",
                    "digit": "#",
                    "gaps": [{"start": 0.25, "duration": 0.1}],
                    "recovered": False,
                },
            },
            "parameters": {"stereo": True, "terminators": "#", "status_url": None, "end_silence_timeout": 3.0},
            "metadata": {"caller": "Zoë"},
            "exp": EXP,
        }
        for dotted, value in changes.items():
            inside = beside
            *way, last = dotted.split("__")
            for step in way:
                inside = inside[step]
            inside[last] = value
        (self.day / f"{name}.json").write_text(json.dumps(beside))
        return name

    def rows(self) -> dict[str, recordings.Recording]:
        connection = connect(self.state / "recorder.db")
        names = [row[0] for row in connection.execute("SELECT recording_id FROM recordings")]
        found = {name: recordings.get(connection, name) for name in names}
        connection.close()
        return found


@pytest.fixture
def disk(tmp_path):
    return Disk(tmp_path)


def test_a_lost_catalogue_comes_back_with_its_links(disk):
    identity.write(disk.state / identity.NAME, {"link_key": KEY})
    name = disk.recording()
    assert rebuild(disk.config).from_sidecars == 1
    row = disk.rows()[name]
    assert (row.line, row.call_id, row.state, row.end_reason) == ("front", "call-1", "finished", "terminator")
    assert (row.rate, row.channels, row.duration, row.size) == (8000, 2, 1.0, 32044)
    assert (row.started_at, row.ended_at) == (ORDERED + 0.5, ORDERED + 1.5)
    assert row.created_at == ORDERED + 1
    assert (row.metadata, row.parameters["terminators"]) == ({"caller": "Zoë"}, "#")
    assert row.gaps == [{"start": 0.25, "duration": 0.1}]
    assert row.facts["url"] == Links("http://127.0.0.1:8080", bytes.fromhex(KEY), 1.0).again(name, "wav", EXP)
    final = json.loads(row.final_event)
    assert final["params"]["url"] == final["params"]["record"]["url"] == row.facts["url"]
    assert final["params"]["digit"] == "#"
    connection = connect(disk.state / "recorder.db")
    assert calls.newest(connection, "call-1").metadata == {"caller": "Zoë"}
    assert [group.bytes for group in retention.groups(connection)] == [32044]
    connection.close()


def test_a_file_without_a_sidecar_is_catalogued_by_what_it_tells(disk):
    name = disk.recording()
    (disk.day / f"{name}.json").unlink()
    assert rebuild(disk.config).from_files == 1
    row = disk.rows()[name]
    assert (row.line, row.state, row.end_reason, row.recovered) == ("unknown", "finished", "interrupted", True)
    assert (row.rate, row.channels, row.stereo, row.duration, row.size) == (8000, 2, True, 1.0, 32044)
    assert row.created_at == row.started_at == ORDERED + 1
    assert "sig=" in row.facts["url"]


def written_alone(disk, format_: str, *, call_id: str = "call-7", said_id: str = "", start: float | None = None) -> str:
    """A second in that format with tags, and no sidecar; its recording_id."""
    disk.number += 1
    name = new_recording_id((ORDERED + disk.number) * 10**9)
    path = disk.day / f"{name}.{format_}"
    tags = Tags(said_id or name, call_id, ORDERED + disk.number + 0.25 if start is None else start)
    writer = formats.writer(format_, Filing(path=path, rate=8000, channels=1, most_frames=8000, tags=tags))
    writer.open()
    writer.append(0, noise(8000, 1))
    writer.close(8000)
    seal(path)
    return name


@pytest.mark.parametrize("format_", ["mp3", "mp4"])
def test_a_file_without_a_sidecar_tells_its_call_and_start_by_its_tags(disk, format_):
    name = written_alone(disk, format_)
    assert rebuild(disk.config).from_files == 1
    row = disk.rows()[name]
    assert (row.call_id, row.facts["call_id"], row.line) == ("call-7", "call-7", "unknown")
    assert (row.started_at, row.ended_at, row.duration) == (ORDERED + 1.25, ORDERED + 2.25, 1.0)


@pytest.mark.parametrize("format_", ["mp3", "mp4"])
@pytest.mark.parametrize(
    "tags",
    [
        {"said_id": "01900000-0000-7000-8000-000000000000"},  # of another recording
        {"call_id": "with space"},
        {"call_id": "nul\0"},
        {"call_id": "x" * 129},
        {"start": 0.0},
        {"start": ORDERED * 2.0},
    ],
    ids=str,
)
def test_tags_that_cannot_be_true_are_passed_over(disk, format_, tags):
    name = written_alone(disk, format_, **tags)
    assert rebuild(disk.config).from_files == 1
    row = disk.rows()[name]
    assert (row.call_id, row.started_at) == ("unknown", ORDERED + 1)


def test_a_repeat_changes_nothing_and_what_is_known_stays(disk):
    names = [disk.recording() for _ in range(3)]
    rebuild(disk.config)
    before = disk.rows()
    connection = connect(disk.state / "recorder.db")
    erasing.erase(connection, names[0], at=1.0, why="asked")
    connection.close()
    again = rebuild(disk.config)
    assert (again.from_sidecars, again.known) == (0, 2)
    assert [why for _, why in again.refused] == ["the recording was erased: its file can be deleted"]
    after = disk.rows()
    assert {name: after[name] for name in names[1:]} == {name: before[name] for name in names[1:]}


HOSTILE = {
    "event__params__recording_id": "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
    "event__params__line": "../../etc",
    "event__params__call_id": "a\x00b",
    "event__params__control_id": "",
    "event__params__node_id": "No Node",
    "event__params__state": "recording",
    "event__params__end_reason": "because",
    "event__params__duration": -1,
    "event__params__start_time": "yesterday",
    "event__params__end_time": 1e300,
    "event__params__gaps": [{"start": 0}],
    "event__params__recovered": 1,
    "event__params__record": None,
    "event__params__record__format": "mp3",
    "event__params__record__audio__direction": "up",
    "event__params": [],
    "event__project_id": 7,
    "event": "no event",
    "parameters": {"terminators": "x"},
    "parameters__drop_table": "recordings",
    "metadata": {"caller": 1},
    "metadata__caller": "x" * 5000,
    "exp": -1,
}


@pytest.mark.parametrize("dotted", HOSTILE)
def test_a_hostile_sidecar_is_refused_alone_and_left(disk, dotted):
    good, bad = disk.recording(), disk.recording(**{dotted: HOSTILE[dotted]})
    before = {path.name: path.read_bytes() for path in disk.day.iterdir()}
    tally = rebuild(disk.config)
    ((path, why),) = tally.refused
    assert path.name == f"{bad}.wav"
    assert why.startswith(f"{bad}.json: ")
    assert list(disk.rows()) == [good]
    assert {path.name: path.read_bytes() for path in disk.day.iterdir()} == before


def test_what_is_no_sidecar_or_no_audio_is_refused_with_its_reason(disk):
    names = [disk.recording() for _ in range(6)]
    texts = [b"", b"[]", b'{"event": {}, "event": {}}', b"[" * 100_000, b"{" + b" " * (1 << 20)]
    for name, text in zip(names, texts, strict=False):
        (disk.day / f"{name}.json").write_bytes(text)
    link = disk.day / f"{names[5]}.json"
    link.unlink()
    link.symlink_to("/etc/passwd")
    noisy = disk.recording()
    (disk.day / f"{noisy}.wav").write_bytes(b"RIFF" + bytes(40))
    old = disk.day / "00000000-0000-4000-8000-000000000000.wav"
    write_wav(old, noise(100))
    (disk.day / "mine.wav").write_bytes(b"of another program")
    tally = rebuild(disk.config)
    assert {path.stem for path, _ in tally.refused} == {*names, noisy, old.stem}
    assert disk.rows() == {}
    assert all(why for _, why in tally.refused)


def test_a_link_or_a_pipe_in_a_recording_s_place_is_refused_and_waited_for_by_nobody(disk):
    good, linked, piped, beside = (disk.recording() for _ in range(4))
    for path in (disk.day / f"{linked}.wav", disk.day / f"{piped}.wav", disk.day / f"{beside}.json"):
        path.unlink()
    (disk.day / f"{linked}.wav").symlink_to(disk.day / f"{good}.wav")
    os.mkfifo(disk.day / f"{piped}.wav")
    os.mkfifo(disk.day / f"{beside}.json")
    tally = rebuild(disk.config)
    assert list(disk.rows()) == [good]
    reasons = {path.stem: why for path, why in tally.refused}
    assert reasons.keys() == {linked, piped, beside}
    assert reasons[piped] == reasons[beside] == "it is no regular file"


def test_a_damaged_database_is_set_aside_and_its_key_saved_if_it_can_be_read(disk):
    names = [disk.recording() for _ in range(40)]
    rebuild(disk.config)
    key = identity.read(disk.state / identity.NAME)["link_key"]
    (disk.state / identity.NAME).unlink()
    database = disk.state / "recorder.db"
    raw = sqlite3.connect(database)
    page_bytes = raw.execute("PRAGMA page_size").fetchone()[0]
    root = raw.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'recordings'").fetchone()[0]
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    with database.open("r+b") as file:
        file.seek((root - 1) * page_bytes)
        file.write(os.urandom(page_bytes))
    tally = rebuild(disk.config)
    assert tally.set_aside == disk.state / "recorder.db.damaged-1"
    assert tally.set_aside.exists()
    assert set(disk.rows()) == set(names)
    assert identity.read(disk.state / identity.NAME)["link_key"] == key


def test_a_file_that_is_no_database_at_all_is_set_aside_too(disk):
    name = disk.recording()
    (disk.state / "recorder.db").write_bytes(b"no database" * 1000)
    assert rebuild(disk.config).set_aside is not None
    assert list(disk.rows()) == [name]


def test_the_command_tells_what_it_did_and_by_its_status_whether_all_went_well(disk, capsys):
    disk.recording()
    command = ["store", "rebuild", "--config", str(disk.config_path)]
    assert main(command) == 0
    assert "catalogued from sidecars: 1\n" in capsys.readouterr().out
    bad = disk.recording(event="none")
    assert main([*command, "--json"]) == 65
    out, err = capsys.readouterr()
    assert json.loads(out) == {"from_sidecars": 0, "from_files": 0, "known": 1, "refused": 1, "growing": 0}
    assert bad in err


def test_the_command_is_refused_while_the_service_runs(disk, capsys):
    with state_lock(disk.state):
        assert main(["store", "rebuild", "--config", str(disk.config_path)]) == 75
    assert "stop the service first" in capsys.readouterr().err
    assert not (disk.state / "recorder.db").exists()


def test_a_box_that_is_not_there_is_refused_and_not_made(disk, tmp_path, capsys):
    disk.state.rmdir()
    (tmp_path / "recordings").rename(tmp_path / "elsewhere")
    assert main(["store", "rebuild", "--config", str(disk.config_path)]) == 66
    assert f"{tmp_path / 'recordings'} is no directory" in capsys.readouterr().err
    assert not disk.state.exists()


def test_a_state_dir_that_was_lost_as_a_whole_is_made_again(disk):
    name = disk.recording()
    disk.state.rmdir()
    assert rebuild(disk.config).from_sidecars == 1
    assert list(disk.rows()) == [name]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what its owner could not write to")
def test_root_is_refused_where_the_state_belongs_to_another_user(disk, capsys):
    name = disk.recording()
    os.chown(disk.state, 65534, 65534)
    assert main(["store", "rebuild", "--config", str(disk.config_path)]) == 73
    assert "belongs to nobody" in capsys.readouterr().err
    assert list(disk.state.iterdir()) == []
    os.chown(disk.state, 0, 0)
    assert rebuild(disk.config).from_sidecars == 1
    assert list(disk.rows()) == [name]


def test_the_database_of_another_program_is_left_alone(disk, capsys):
    other = sqlite3.connect(disk.state / "recorder.db")
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    assert main(["store", "rebuild", "--config", str(disk.config_path)]) == 74
    assert "another program" in capsys.readouterr().err
    other = sqlite3.connect(disk.state / "recorder.db")
    assert [row[0] for row in other.execute("SELECT name FROM sqlite_schema")] == ["theirs"]
    other.close()

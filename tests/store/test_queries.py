import json
import sqlite3
from dataclasses import replace
from itertools import combinations

import pytest

from recorder.contract.ids import new_recording_id
from recorder.store import calls, commands, erasing, inputs, journal, listing, meta, recordings
from recorder.store.database import connect
from recorder.store.listing import Filter
from recorder.store.recordings import Ending, Recording


@pytest.fixture
def connection(tmp_path):
    opened = connect(tmp_path / "recorder.db")
    yield opened
    opened.close()


def name_of(number):
    """The id of a recording ordered at Unix second 1000 + number."""
    return new_recording_id((1000 + number) * 10**9)[:19] + f"8000-{number:012}"


def recording(number, **changes):
    made = Recording(
        recording_id=name_of(number),
        line="front",
        call_id="call-1",
        control_id=f"control-{number}",
        format="wav",
        direction="both",
        stereo=True,
        rate=8000,
        channels=2,
        created_at=1000.0 + number,
        parameters={"beep": False, "terminators": "#*"},
        metadata={"caller": "Zoë"},
    )
    return replace(made, **changes)


ENDING = Ending(
    state="finished",
    end_reason="terminator",
    ended_at=1010.5,
    duration=10.0,
    size=320044,
    kept=True,
    final_event='{"event_type": "calling.call.record"}',
    gaps=[{"start": 1.5, "duration": 0.25}],
)


def test_meta_is_made_once_and_kept(connection):
    assert meta.get(connection, "project_id") is None
    assert meta.ensure(connection, "project_id", lambda: "first") == "first"
    assert meta.ensure(connection, "project_id", lambda: "second") == "first"
    meta.put(connection, "project_id", "third")
    assert meta.get(connection, "project_id") == "third"


def test_a_call_lives_until_its_end_and_may_come_again(connection):
    first = calls.Call("call-1", "front", 10.0, metadata={"a": "b"})
    calls.begin(connection, first)
    assert calls.live(connection) == [first]
    assert calls.describe(connection, "call-1", project_id="p", space_id="s", metadata={"c": "d"})
    assert calls.end(connection, "call-1", 20.0)
    assert not calls.end(connection, "call-1", 30.0)
    assert not calls.describe(connection, "call-1", project_id="", space_id="", metadata={})
    assert calls.live(connection) == []
    ended = replace(first, project_id="p", space_id="s", metadata={}, ended_at=20.0)
    assert calls.newest(connection, "call-1") == ended
    again = calls.Call("call-1", "back", 40.0, metadata={}, made_up=True)
    calls.begin(connection, again)
    assert calls.newest(connection, "call-1") == again
    assert calls.newest(connection, "call-2") is None


def test_inputs_are_numbered_per_line_and_read_after_a_number(connection):
    given = [inputs.Input(number, 2**64 - 1, 2**40 + number, "stop", {"id": "é"}) for number in (1, 2, 3)]
    for one in given:
        inputs.append(connection, "front", one)
    inputs.append(connection, "back", given[0])
    assert inputs.after(connection, "front", 1) == given[1:]
    assert inputs.after(connection, "back", 0) == given[:1]
    assert inputs.after(connection, "nowhere", 0) == []
    with pytest.raises(sqlite3.IntegrityError):
        inputs.append(connection, "front", given[0])


@pytest.mark.parametrize(("through", "left"), [(0, [1, 2, 3]), (2, [3]), (3, [3]), (9, [3])])
def test_pruned_inputs_go_but_the_count_goes_on(connection, through, left):
    for number in (1, 2, 3):
        inputs.append(connection, "front", inputs.Input(number, 7, number, "stop", {}))
    inputs.append(connection, "back", inputs.Input(1, 7, 1, "stop", {}))
    inputs.prune(connection, "front", through)
    assert [one.number for one in inputs.after(connection, "front", 0)] == left
    assert [one.number for one in inputs.after(connection, "back", 0)] == [1]


def test_a_command_s_answer_is_kept_until_pruned(connection):
    answered = commands.Answered("c1", "hash", '{"status": "ok"}', 100.0)
    commands.remember(connection, answered)
    assert commands.get(connection, "c1") == answered
    later = replace(answered, answer="{}", at=100.05)
    commands.remember(connection, later)
    assert commands.since(connection, 100.0) == [later]
    assert commands.since(connection, 100.1) == []
    commands.remember(connection, answered)
    commands.prune(connection, 100.0)
    assert commands.get(connection, "c1") == answered
    commands.prune(connection, 100.1)
    assert commands.get(connection, "c1") is None


def test_an_event_of_a_known_id_changes_nothing(connection):
    first = journal.Event("e1", "r1", 0, '{"n": 1}', 10.0)
    cursor = journal.append(connection, first)
    assert cursor is not None
    assert journal.append(connection, replace(first, body="other", at=11.0)) is None
    assert journal.after(connection, 0, 10) == [(cursor, first)]


def test_events_are_read_after_a_cursor_that_never_goes_back(connection):
    assert journal.last_cursor(connection) == 0
    events = [journal.Event(f"e{n}", f"r{n % 2}", n, "{}", float(n)) for n in range(5)]
    cursors = [journal.append(connection, event) for event in events]
    assert cursors == sorted(cursors)
    assert journal.after(connection, cursors[1], 2) == list(zip(cursors[2:4], events[2:4], strict=True))
    assert journal.of_recording(connection, "r1") == [events[1], events[3]]
    journal.prune(connection, 100.0)
    assert journal.after(connection, 0, 10) == []
    assert journal.last_cursor(connection) == cursors[-1]
    assert journal.append(connection, events[0]) > cursors[-1]


def test_a_recording_comes_back_as_it_was_put(connection):
    plain = recording(1)
    full = recording(2, **{name: getattr(ENDING, name) for name in ("state", "end_reason", "duration", "size", "gaps")})
    for one in (plain, full):
        recordings.add(connection, one)
        assert recordings.get(connection, one.recording_id) == one
    assert recordings.get(connection, "none") is None
    with pytest.raises(sqlite3.IntegrityError):
        recordings.add(connection, plain)


def test_a_recording_s_life_is_kept(connection):
    recordings.add(connection, recording(1))
    recordings.begin(connection, name_of(1), path="2026/01/02/x.wav", started_at=1000.25)
    recordings.set_state(connection, name_of(1), "paused")
    assert [one.state for one in recordings.live(connection)] == ["paused"]
    recordings.end(connection, name_of(1), ENDING)
    assert recordings.live(connection) == []
    ended = recordings.get(connection, name_of(1))
    assert (ended.started_at, ended.state, ended.gaps) == (1000.25, "finished", ENDING.gaps)
    assert (ended.duration, ended.size, ended.final_event) == (10.0, 320044, ENDING.final_event)
    assert ended.path == "2026/01/02/x.wav"


def test_a_recording_that_kept_no_file_has_no_path(connection):
    recordings.add(connection, recording(1))
    recordings.begin(connection, name_of(1), path="2026/01/02/x.wav", started_at=1000.25)
    recordings.end(connection, name_of(1), replace(ENDING, kept=False))
    assert recordings.get(connection, name_of(1)).path is None


def test_a_control_id_names_the_live_one_else_the_newest(connection):
    for number, state in enumerate(["recording", "finished", "finished"]):
        recordings.add(connection, recording(number, control_id="c", state=state))
    assert recordings.by_control_id(connection, "front", "c", call_id="call-1").recording_id == name_of(0)
    recordings.end(connection, name_of(0), ENDING)
    assert recordings.by_control_id(connection, "front", "c", call_id="call-1").recording_id == name_of(2)
    assert recordings.by_control_id(connection, "front", "c", call_id="call-2") is None


def test_recordings_are_listed_newest_first_page_by_page(connection):
    for number in range(25):
        recordings.add(connection, recording(number))
    seen, before = [], None
    while page := listing.page(connection, Filter(), before=before, limit=10):
        assert len(page) <= 10
        seen += [one.recording_id for one in page]
        before = seen[-1]
    assert seen == [name_of(number) for number in reversed(range(25))]


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(line="back"), [1]),
        (Filter(call_id="call-2"), [2]),
        (Filter(state="paused"), [3]),
        (Filter(end_reason="terminator"), [0]),
        (Filter(since=1002.0), [3, 2]),
        (Filter(until=1002.0), [1, 0]),
        (Filter(line="front", since=1001.0, until=1003.0), [2]),
        (Filter(held=True), []),
        (Filter(held=False, until=1001.5), [1, 0]),
        (Filter(line="front' OR 1=1 --"), []),
    ],
)
def test_recordings_are_listed_by_what_they_are(connection, wanted, numbers):
    for number, changes in enumerate([{}, {"line": "back"}, {"call_id": "call-2"}, {"state": "paused"}]):
        recordings.add(connection, recording(number, **changes))
    recordings.end(connection, name_of(0), ENDING)
    assert [one.recording_id for one in listing.page(connection, wanted)] == [name_of(n) for n in numbers]


WANTED = {
    "line": "front",
    "call_id": "call-1",
    "state": "paused",
    "end_reason": "terminator",
    "since": 1.0,
    "until": 2000.0,
    "held": True,
    "erased": True,
}


def test_a_page_is_found_by_an_index_and_needs_no_sorting_whatever_is_asked_for(connection):
    plans = []
    for names in (names for n in range(len(WANTED) + 1) for names in combinations(WANTED, n)):
        connection.set_trace_callback(plans.append)
        listing.page(connection, Filter(**{name: WANTED[name] for name in names}), before=name_of(9))
        connection.set_trace_callback(None)
        plan = " ".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {plans[-1]}"))
        assert "SCAN" not in plan, names
        assert "TEMP B-TREE" not in plan, names
        exact = {"line", "call_id", "state", "end_reason"} & set(names)
        narrow = {"call_id", "held"} & set(names)
        assert narrow or all(f"{name}=?" in plan for name in exact), (names, plan)


def ended(connection, number, **changes):
    recordings.add(connection, recording(number, path=f"/r/{number}.wav", facts={"url": "u"}, **changes))
    final = {"params": {"url": "u", "state": "finished", "record": {"url": "u", "size": 1}}}
    recordings.end(connection, name_of(number), replace(ENDING, final_event=json.dumps(final)))
    return name_of(number)


def test_an_erased_recording_keeps_ids_times_and_why(connection):
    name = ended(connection, 1)
    assert erasing.erase(connection, name, at=2000.0, why="asked")
    left = recordings.get(connection, name)
    assert (left.facts, left.parameters, left.metadata, left.gaps) == ({}, {}, {}, None)
    assert (left.recording_id, left.call_id, left.control_id, left.line) == (name, "call-1", "control-1", "front")
    assert (left.created_at, left.ended_at, left.erased_at, left.erased_why) == (1001.0, 1010.5, 2000.0, "asked")
    assert json.loads(left.final_event) == {"params": {"state": "finished", "record": {"size": 1}}}
    assert not erasing.erase(connection, name, at=3000.0, why="again")
    assert listing.page(connection, Filter()) == []
    assert listing.page(connection, Filter(erased=True)) == [left]


def test_a_recording_that_lives_or_is_none_is_not_erased(connection):
    recordings.add(connection, recording(1))
    assert not erasing.erase(connection, name_of(1), at=1.0, why="")
    assert not erasing.erase(connection, name_of(2), at=1.0, why="")


def test_files_of_an_erased_recording_are_known_until_they_are_gone(connection):
    name = ended(connection, 1)
    ended(connection, 2)
    assert erasing.unfinished(connection) == []
    erasing.files_are_gone(connection, name)
    assert recordings.get(connection, name).path == "/r/1.wav"
    erasing.erase(connection, name, at=1.0, why="")
    assert [left.path for left in erasing.unfinished(connection)] == ["/r/1.wav"]
    erasing.files_are_gone(connection, name)
    assert erasing.unfinished(connection) == []


def test_the_metadata_of_a_call_goes_with_its_last_recording(connection):
    calls.begin(connection, calls.Call("call-1", "front", 10.0, metadata={"caller": "Zoë"}))
    first, second = ended(connection, 1), ended(connection, 2)
    erasing.erase(connection, first, at=1.0, why="")
    calls.end(connection, "call-1", 20.0)
    assert calls.newest(connection, "call-1").metadata == {"caller": "Zoë"}
    erasing.erase(connection, second, at=1.0, why="")
    assert calls.newest(connection, "call-1").metadata == {}


def test_the_metadata_of_a_call_whose_recordings_went_before_its_end_goes_with_it(connection):
    calls.begin(connection, calls.Call("call-1", "front", 10.0, metadata={"caller": "Zoë"}))
    erasing.erase(connection, ended(connection, 1), at=1.0, why="")
    assert calls.newest(connection, "call-1").metadata == {"caller": "Zoë"}
    calls.end(connection, "call-1", 20.0)
    assert calls.newest(connection, "call-1").metadata == {}


def test_a_page_may_be_asked_for_from_either_side(connection):
    names = [ended(connection, number) for number in range(6)][::-1]

    def page(**bounds):
        return [each.recording_id for each in listing.page(connection, Filter(), limit=2, **bounds)]

    assert page() == names[:2]
    assert page(before=names[1]) == names[2:4]
    assert page(after=names[4]) == names[2:4]
    assert page(after=names[0]) == []

"""What is to be erased: by age, size and free space, the oldest first, and never what must stay."""

from dataclasses import replace

import pytest

from recorder.contract.ids import new_recording_id
from recorder.store import deliveries, erasing, journal, recordings, retention
from recorder.store.database import connect
from recorder.store.recordings import Recording
from recorder.store.retention import Ages, Cap, Group, Unmet

SIZE = 1000
NOW = 2000.0


@pytest.fixture
def connection(tmp_path):
    opened = connect(tmp_path / "recorder.db")
    yield opened
    opened.close()


def kept(connection, number, **changes):
    """A recording that ended at 1000 + number."""
    one = Recording(
        recording_id=new_recording_id(int((1000 + number) * 10**9)),
        line="front",
        call_id="call",
        control_id="control",
        format="wav",
        direction="both",
        stereo=True,
        rate=8000,
        channels=2,
        created_at=1000.0 + number,
        state="finished",
        path=f"/r/{number}.wav",
        ended_at=1000.0 + number,
        size=SIZE,
    )
    one = replace(one, **changes)
    recordings.add(connection, one)
    return one.recording_id


def doomed(connection, ages=Ages(), caps=(), **more):  # noqa: B008 # because it is immutable
    verdict = retention.judge(connection, ages, caps, now=NOW, **more)
    return [each.recording_id for each in verdict.doomed], list(verdict.unmet)


def undelivered(connection, recording_id):
    cursor = journal.append(connection, journal.Event(f"e{recording_id}", recording_id, 0, "{}", 1.0))
    to = deliveries.Destination("webhook", "http://r/", "http://r:80")
    deliveries.add(connection, cursor, recording_id, "front", to, 1.0)
    return cursor


def test_what_is_too_old_goes_the_oldest_first_also_without_a_file(connection):
    names = [kept(connection, number) for number in (2, 0, 1, 3)]
    no_file = kept(connection, 1.5, path=None, size=0, state="no_input")
    assert doomed(connection, Ages(box=NOW - 1002)) == ([names[1], names[2], no_file], [])
    assert doomed(connection, Ages()) == ([], [])
    assert doomed(connection, Ages(box=NOW - 1002), limit=1) == ([names[1]], [])


def test_a_line_s_word_on_age_goes_before_a_format_s_and_that_before_the_box_s(connection):
    plain, mp3 = kept(connection, 0), kept(connection, 1, format="mp3")
    kept(connection, 2, line="legal", format="mp3")
    ages = Ages(box=1.0, formats={"mp3": 10_000.0}, lines={"legal": 0.0})
    assert doomed(connection, ages) == ([plain], [])
    assert doomed(connection, replace(ages, box=0.0, formats={"mp3": 1.0})) == ([mp3], [])


def test_each_cap_is_of_its_own_recordings(connection):
    names = [kept(connection, number, line=line) for number, line in enumerate(["front", "back"] * 3)]
    mp3 = kept(connection, 9, format="mp3")
    assert doomed(connection, caps=[Cap("all", 7 * SIZE)]) == ([], [])
    assert doomed(connection, caps=[Cap("all", 7 * SIZE - 1)]) == (names[:1], [])
    assert doomed(connection, caps=[Cap("back", SIZE, line="back")]) == ([names[1], names[3]], [])
    assert doomed(connection, caps=[Cap("mp3", 1, format="mp3")]) == ([mp3], [])
    # What goes for one cap counts for the others.
    caps = [Cap("back", 2 * SIZE, line="back"), Cap("all", 5 * SIZE)]
    assert doomed(connection, caps=caps) == ([names[0], names[1]], [])


def test_room_is_made_by_the_oldest_of_all(connection):
    names = [kept(connection, number, line=line) for number, line in enumerate(["front", "back", "legal"])]
    ages = Ages(lines={"legal": 0.0})
    assert doomed(connection, ages, missing_bytes=SIZE + 1) == (names[:2], [])
    left, unmet = doomed(connection, ages, missing_bytes=3 * SIZE + 1)
    assert left == names
    assert unmet == [] or unmet[0].bytes == 1


def test_what_lives_is_held_or_is_still_to_be_delivered_stays(connection):
    held, waits = kept(connection, 0, held_at=1.0), kept(connection, 1)
    kept(connection, 2, state="recording", ended_at=None, size=None)
    cursor = undelivered(connection, waits)
    free = kept(connection, 3)
    everything = {"ages": Ages(box=1.0), "caps": [Cap("all", 1)]}
    assert doomed(connection, **everything)[0] == [free]
    retention.erase(connection, retention.judge(connection, now=NOW, **everything), NOW)
    assert doomed(connection, **everything) == ([], [Unmet("all", None, None, 2 * SIZE - 1, "undelivered")])
    deliveries.done(connection, connection.execute("SELECT delivery FROM deliveries").fetchone()[0], 2.0)
    assert doomed(connection, **everything)[0] == [waits]
    retention.erase(connection, retention.judge(connection, now=NOW, **everything), NOW)
    assert doomed(connection, **everything) == ([], [Unmet("all", None, None, SIZE - 1, "held")])
    assert recordings.hold(connection, held, None)
    assert doomed(connection, **everything)[0] == [held]
    assert cursor


def test_a_disk_that_others_fill_leaves_nothing_to_be_erased(connection):
    assert doomed(connection, missing_bytes=5) == ([], [Unmet("retention.min_free_bytes", None, None, 5, "none")])


def test_what_was_erased_tells_why(connection):
    name = kept(connection, 0)
    retention.erase(connection, retention.judge(connection, Ages(box=1.0), (), now=NOW), NOW)
    left = recordings.get(connection, name)
    assert (left.erased_at, left.erased_why) == (NOW, "retention: max_age")


def test_a_held_recording_is_not_erased_until_it_is_released(connection):
    name = kept(connection, 0)
    assert recordings.hold(connection, name, 5.0)
    assert recordings.hold(connection, name, 6.0)
    assert recordings.get(connection, name).held_at == 5.0
    assert not erasing.erase(connection, name, at=1.0, why="asked")
    assert recordings.hold(connection, name, None)
    assert erasing.erase(connection, name, at=1.0, why="asked")
    assert not recordings.hold(connection, name, 7.0)
    assert not recordings.hold(connection, "none", 7.0)


def test_what_is_kept_is_counted_through_a_whole_life(connection):
    name = kept(connection, 0, state="recording", ended_at=None, size=None)
    other = kept(connection, 1, held_at=1.0)
    assert retention.groups(connection) == [Group("front", "wav", SIZE, SIZE, 1)]
    ending = recordings.Ending("finished", "max_length", 1.0, 1.0, 500, kept=True, final_event="{}")
    recordings.end(connection, name, ending)
    recordings.hold(connection, name, 2.0)
    assert retention.groups(connection) == [Group("front", "wav", SIZE + 500, SIZE + 500, 2)]
    recordings.hold(connection, other, None)
    erasing.erase(connection, other, at=2.0, why="")
    assert retention.groups(connection) == [Group("front", "wav", 500, 500, 1)]
    erasing.files_are_gone(connection, other)
    assert retention.groups(connection) == [Group("front", "wav", 500, 500, 1)]


@pytest.mark.parametrize("wanted", [{"before": 1.0, "files_alone": False}, {}])
def test_the_oldest_are_found_by_an_index(connection, wanted):
    plans = []
    connection.set_trace_callback(plans.append)
    retention._candidates(connection, Group("front", "wav", 0, 0, 0), 10, **wanted)
    connection.set_trace_callback(None)
    plan = " ".join(row["detail"] for row in connection.execute(f"EXPLAIN QUERY PLAN {plans[0]}"))
    assert "recordings_to_go" in plan
    assert "TEMP B-TREE" not in plan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.backlog import Backlog, Barrier, Check, Seal

RATE = 8000


def filled(*tasks):
    backlog = Backlog(RATE, 0.2)
    for task in tasks:
        backlog.put(task)
    return backlog


def drained(backlog):
    taken = []
    while backlog:
        taken.append(backlog.take())
    return taken


def test_appends_that_follow_each_other_become_one():
    assert drained(filled(AppendFrames(0, 50, 10), AppendFrames(10, 60, 5), AppendFrames(15, 65, 1))) == [
        AppendFrames(0, 50, 16)
    ]
    assert drained(filled(AppendSilence(0, 10), AppendSilence(10, 5))) == [AppendSilence(0, 15)]


@pytest.mark.parametrize(
    "tasks",
    [
        [AppendFrames(0, 0, 10), AppendFrames(10, 20, 10)],  # a pause that skips
        [AppendFrames(0, 0, 10), AppendFrames(5, 10, 10)],
        [AppendFrames(0, 0, 10), AppendSilence(10, 10), AppendFrames(20, 20, 10)],
        [AppendSilence(0, 10), AppendSilence(11, 10)],
        [AppendFrames(0, 0, 10), Check(), AppendFrames(10, 10, 10)],
    ],
)
def test_what_does_not_follow_stays_apart_and_in_order(tasks):
    assert drained(filled(*tasks)) == tasks


def test_a_little_audio_waits_for_more():
    backlog = filled(*(AppendFrames(at, at, 160) for at in range(0, 1440, 160)))
    assert not backlog.due
    backlog.put(AppendFrames(1440, 1440, 160))
    assert backlog.due
    assert drained(backlog) == [AppendFrames(0, 0, 1600)]
    assert not backlog.due


@pytest.mark.parametrize("task", [OpenFile(), CloseFile(10, keep=True), Seal(None), Check(), Barrier(print)])
def test_all_else_presses_the_audio_before_it_too(task):
    backlog = filled(AppendFrames(0, 0, 10), task)
    assert backlog.due
    assert drained(backlog) == [AppendFrames(0, 0, 10), task]
    assert not backlog.due


def test_a_long_append_is_done_in_pieces_of_a_second():
    assert drained(filled(AppendFrames(5, 100, 20_000))) == [
        AppendFrames(5, 100, 8000),
        AppendFrames(8005, 8100, 8000),
        AppendFrames(16005, 16100, 4000),
    ]
    assert drained(filled(AppendSilence(0, 20_000))) == [AppendSilence(0, 20_000)]


APPENDS = st.lists(st.tuples(st.sampled_from("fs-"), st.integers(1, 9000), st.booleans()), max_size=30)


@given(APPENDS)
def test_every_frame_is_taken_once_in_order_however_puts_and_takes_alternate(steps):
    """`f` frames, `s` silence, `-` frames of the line that are skipped; after some steps one task is taken."""
    backlog, at, line, expected, taken = Backlog(RATE, 0.2), 0, 0, [], []
    for kind, frames, take in steps:
        if kind == "f":
            backlog.put(AppendFrames(at, line, frames))
            expected += range(line, line + frames)
        elif kind == "s":
            backlog.put(AppendSilence(at, frames))
            expected += [None] * frames
        at += frames if kind != "-" else 0
        line += frames
        if take and backlog:
            taken.append(backlog.take())
        waiting = len(expected) - sum(task.frames for task in taken)
        assert backlog.due == (waiting >= RATE // 5)
    taken += drained(backlog)
    assert [task.file_frame for task in taken] == [
        sum(task.frames for task in taken[:number]) for number in range(len(taken))
    ]
    written = []
    for task in taken:
        silent = isinstance(task, AppendSilence)
        written += [None] * task.frames if silent else range(task.first, task.first + task.frames)
    assert written == expected

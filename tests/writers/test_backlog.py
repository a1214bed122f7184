import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.writers.backlog import Backlog, Barrier, Check, Gathering, Seal

RATE = 8000


class Queue:
    """What is asked for a file, through both of its waiting rooms."""

    def __init__(self):
        self.gathering = Gathering(RATE // 5)
        self.backlog = Backlog(RATE)

    def put(self, task):
        for each in self.gathering.put(task):
            self.backlog.put(each)

    def drained(self):
        """All that is due, in the pieces in which it is done."""
        taken = []
        while self.backlog:
            taken.append(self.backlog.take())
        return taken

    def flushed(self):
        """All that was put."""
        self.put(FLUSH)
        return [task for task in self.drained() if task is not FLUSH]


FLUSH = Barrier(1, print)


def filled(*tasks):
    queue = Queue()
    for task in tasks:
        queue.put(task)
    return queue


def test_appends_that_follow_each_other_become_one():
    frames = AppendFrames(0, 50, 10), AppendFrames(10, 60, 5), AppendFrames(15, 65, 1)
    assert filled(*frames).flushed() == [AppendFrames(0, 50, 16)]
    assert filled(AppendSilence(0, 10), AppendSilence(10, 5)).flushed() == [AppendSilence(0, 15)]


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
    assert filled(*tasks).flushed() == tasks


@pytest.mark.parametrize("append", [lambda at: AppendFrames(at, at, 160), lambda at: AppendSilence(at, 160)])
def test_a_little_audio_waits_for_more(append):
    queue = filled(*map(append, range(0, 1440, 160)))
    assert queue.drained() == []
    queue.put(append(1440))
    assert [task.frames for task in queue.drained()] == [1600]
    assert queue.flushed() == []


@pytest.mark.parametrize("task", [OpenFile(), CloseFile(10, keep=True), Seal(None), Check(), Barrier(1, print)])
def test_all_else_presses_the_audio_before_it_too(task):
    assert filled(AppendFrames(0, 0, 10), task).drained() == [AppendFrames(0, 0, 10), task]


def test_a_long_append_is_done_in_pieces_of_a_second():
    assert filled(AppendFrames(5, 100, 20_000)).drained() == [
        AppendFrames(5, 100, 8000),
        AppendFrames(8005, 8100, 8000),
        AppendFrames(16005, 16100, 4000),
    ]
    assert filled(AppendSilence(0, 20_000)).drained() == [AppendSilence(0, 20_000)]


def test_audio_that_waits_for_a_thread_stays_few_tasks():
    waiting = filled(*(AppendFrames(at, at, 160) for at in range(0, 60 * RATE, 160)))
    assert [task.frames for task in waiting.drained()] == [RATE] * 60


APPENDS = st.lists(st.tuples(st.sampled_from("fs-"), st.integers(1, 9000), st.booleans()), max_size=30)


@given(APPENDS)
def test_every_frame_is_taken_once_in_order_however_puts_and_takes_alternate(steps):
    """`f` frames, `s` silence, `-` frames of the line that are skipped; after some steps one task is taken."""
    queue, at, line, expected, taken = Queue(), 0, 0, [], []
    for kind, frames, take in steps:
        if kind == "f":
            queue.put(AppendFrames(at, line, frames))
            expected += range(line, line + frames)
        elif kind == "s":
            queue.put(AppendSilence(at, frames))
            expected += [None] * frames
        at += frames if kind != "-" else 0
        line += frames
        if take and queue.backlog:
            taken.append(queue.backlog.take())
        if not queue.backlog:
            assert len(expected) - sum(task.frames for task in taken) < RATE // 5
    taken += queue.flushed()
    assert [task.file_frame for task in taken] == [
        sum(task.frames for task in taken[:number]) for number in range(len(taken))
    ]
    written = []
    for task in taken:
        silent = isinstance(task, AppendSilence)
        written += [None] * task.frames if silent else range(task.first, task.first + task.frames)
    assert written == expected

import ctypes
import os
import threading

import pytest

from recorder.writers import sync
from recorder.writers.sync import SyncThread
from tests.waiting import until


class Kernel:
    """Stands for libc: counts the calls, and fails those that it is told to."""

    def __init__(self):
        self.synced = []
        self.failing = False

    def syncfs(self, fd):
        self.synced.append(os.fstat(fd).st_dev)
        if self.failing:
            ctypes.set_errno(5)
            return -1
        return 0


@pytest.fixture
def kernel(monkeypatch):
    fake = Kernel()
    monkeypatch.setattr(sync, "_libc", fake)
    return fake


@pytest.fixture
def parts(tmp_path):
    made = [tmp_path / f"{number}.wav.part" for number in range(3)]
    for part in made:
        part.touch()
    return made


def test_many_files_of_one_file_system_are_one_sync(kernel, parts):
    SyncThread(lambda: parts, pytest.fail, threading.Event()).sync_now()
    assert kernel.synced == [parts[0].parent.stat().st_dev]


def test_nothing_that_grows_is_nothing_to_sync(kernel):
    SyncThread(list, pytest.fail, threading.Event()).sync_now()
    assert kernel.synced == []


def test_the_real_syncfs_takes_our_call(parts):
    SyncThread(lambda: parts, pytest.fail, threading.Event()).sync_now()


def test_a_failed_sync_names_the_files_of_that_file_system(kernel, parts):
    suspected = []
    kernel.failing = True
    SyncThread(lambda: parts, suspected.append, threading.Event()).sync_now()
    assert suspected == [parts]


def test_a_directory_that_is_gone_makes_its_files_suspect_and_no_others(kernel, parts, tmp_path):
    suspected = []
    gone = tmp_path / "gone" / "4.wav.part"
    SyncThread(lambda: [*parts, gone], suspected.append, threading.Event()).sync_now()
    assert suspected == [[gone]]
    assert len(kernel.synced) == 1


def test_descriptors_are_kept_while_something_grows_and_no_longer(kernel, parts):
    growing = list(parts)
    thread = SyncThread(lambda: growing, pytest.fail, threading.Event())
    thread.sync_now()
    thread.sync_now()
    assert len(thread._file_systems) == 1
    growing.clear()
    thread.sync_now()
    assert thread._file_systems == {}
    assert len(kernel.synced) == 2


def test_the_thread_syncs_until_it_is_stopped_and_once_more(kernel, parts):
    thread = SyncThread(lambda: parts, pytest.fail, threading.Event(), interval_s=0.01, rest_s=0.005)
    thread.start()
    until(lambda: len(kernel.synced) >= 3)
    thread.stop()
    count = len(kernel.synced)
    assert not any(other.name == "sync" for other in threading.enumerate())
    assert thread._file_systems == {}
    assert count == len(kernel.synced) >= 4


def test_a_flush_has_it_begin_sooner(kernel, parts):
    due = threading.Event()
    thread = SyncThread(lambda: parts, pytest.fail, due, interval_s=3600, rest_s=0.001)
    thread.start()
    for count in (1, 2):
        due.set()
        until(lambda count=count: len(kernel.synced) == count)
    thread.stop()
    assert len(kernel.synced) >= 3

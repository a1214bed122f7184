import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.store import slots
from recorder.store.slots import StateFile


@pytest.fixture
def path(tmp_path):
    return tmp_path / "front.state"


def written(path, *payloads):
    file = StateFile(path)
    for payload in payloads:
        file.write(payload)
    file.close()
    return path.read_bytes()


def reread(path):
    file = StateFile(path)
    try:
        return file.read()
    finally:
        file.close()


def test_nothing_is_read_before_the_first_write(path):
    assert reread(path) is None
    assert not path.exists()


@pytest.mark.parametrize("count", [1, 2, 3, 10])
def test_the_newest_payload_is_read_by_this_process_and_the_next(path, count):
    payloads = [b"payload %d" % number for number in range(count)]
    file = StateFile(path)
    for payload in payloads:
        file.write(payload)
        assert file.read() == payload
    file.close()
    assert reread(path) == payloads[-1]


def test_each_process_goes_on_from_the_newest(path):
    for number in range(5):
        file = StateFile(path)
        assert file.read() == (b"%d" % (number - 1) if number else None)
        file.write(b"%d" % number)
        file.close()


def test_the_file_is_its_owner_s_alone(path):
    written(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@given(payloads=st.lists(st.binary(max_size=300).map(lambda start: start * 100), min_size=1, max_size=8))
def test_payloads_of_any_size_come_back(tmp_path_factory, payloads):
    path = tmp_path_factory.mktemp("slots") / "state"
    assert written(path, *payloads) is not None
    assert reread(path) == payloads[-1]
    assert list(path.parent.iterdir()) == [path]


@given(data=st.data())
def test_a_write_torn_anywhere_leaves_the_one_before_it(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("slots") / "state"
    before = data.draw(st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=4))
    newest = data.draw(st.binary(min_size=1, max_size=200))
    old = written(path, *before)
    new = written(path, newest)
    changed = [at for at in range(len(new)) if old[at] != new[at]]
    torn = data.draw(st.sampled_from(range(len(changed))))
    path.write_bytes(new[: changed[torn]] + old[changed[torn] :])
    assert reread(path) == before[-1]


def test_a_write_torn_at_each_byte_leaves_the_one_before_it(path):
    old = written(path, b"older" * 9, b"before" * 9)
    new = written(path, b"newest" * 9)
    changed = [at for at in range(len(new)) if old[at] != new[at]]
    for at in changed:
        path.write_bytes(new[:at] + old[at:])
        assert reread(path) == b"before" * 9


@given(garbage=st.binary(max_size=10_000))
def test_a_file_of_garbage_is_read_as_nothing_and_written_over(tmp_path_factory, garbage):
    path = tmp_path_factory.mktemp("slots") / "state"
    path.write_bytes(garbage)
    file = StateFile(path)
    assert file.read() is None
    file.write(b"good")
    file.close()
    assert reread(path) == b"good"


def test_a_slot_with_any_byte_changed_is_passed_over(path):
    whole = written(path, b"before", b"newest")
    slot = len(whole) // 2
    size = slots._HEADER.size + len(b"newest")
    for at in range(slot, slot + size):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert reread(path) == b"before", at


def test_another_layout_is_passed_over(path, monkeypatch):
    monkeypatch.setattr(slots, "LAYOUT", 999)
    written(path, b"of another version")
    monkeypatch.undo()
    assert reread(path) is None


def test_a_failed_write_keeps_the_payload_before_it(path, monkeypatch):
    file = StateFile(path)
    file.write(b"kept")

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    for payload in (b"small", b"large" * 10_000):
        with pytest.raises(OSError, match="No space left"):
            file.write(payload)
        assert file.read() == b"kept"
        assert reread(path) == b"kept"
    monkeypatch.undo()
    assert list(path.parent.iterdir()) == [path]
    file.write(b"again")
    file.close()
    assert reread(path) == b"again"


def test_a_symbolic_link_is_not_followed(path, tmp_path):
    path.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").write_bytes(b"")
    with pytest.raises(OSError, match="symbolic links"):
        StateFile(path)


def test_remove_leaves_nothing(path):
    file = StateFile(path)
    file.write(b"x")
    file.remove()
    assert not path.exists()

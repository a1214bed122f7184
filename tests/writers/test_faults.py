import errno
import os
import resource
import shutil
import subprocess
import sys
import wave
from pathlib import Path

import pytest

from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.wav import WavWriter

PIECE = bytes(range(250)) * 64  # 8000 frames


def fill(path):
    """Append until the system refuses; give the writer, closed at what it holds, and the fault."""
    writer = WavWriter(path, 8000, 1, 1_000_000)
    writer.open()
    with pytest.raises(WriteError) as caught:  # noqa: PT012 # because which append fails is the system's affair
        for first in range(0, 1_000_000, 8000):
            writer.append(first, PIECE)
    held = writer.frames
    assert writer.close(held) == 44 + 2 * held
    with wave.open(str(writer.part)) as file:
        assert file.getnframes() == held
        assert file.readframes(held) == (PIECE * (held // 8000))[: 2 * held]
    return caught.value


def open_files():
    return len(list(Path("/proc/self/fd").iterdir()))


def refuse(code, *, after):
    """An os.pwrite that fails with `code` once `after` calls were served."""
    real, calls = os.pwrite, 0

    def pwrite(fd, data, offset):
        nonlocal calls
        calls += 1
        if offset and calls > after:
            raise OSError(code, os.strerror(code))
        return real(fd, data, offset)

    return pwrite


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EIO, "write_error"),
        (errno.EROFS, "write_error"),
        (errno.EFBIG, "write_error"),
    ],
)
def test_a_full_disk_is_told_from_a_broken_one_and_the_file_stays_whole(tmp_path, monkeypatch, code, reason):
    monkeypatch.setattr(os, "pwrite", refuse(code, after=7))
    fault = fill(tmp_path / "a.wav")
    assert fault.reason == reason
    assert str(fault) == f"cannot write {tmp_path / 'a.wav.part'}: {os.strerror(code)}"


def test_a_write_done_in_parts_is_finished(tmp_path, monkeypatch):
    real = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, offset: real(fd, data[:1000], offset))
    writer = WavWriter(tmp_path / "a.wav", 8000, 1, 1_000_000)
    writer.open()
    writer.append(0, PIECE)
    assert writer.close(8000) == 16044
    assert writer.part.read_bytes()[44:] == PIECE


def test_a_limit_on_file_size_is_a_write_error(tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        fault = fill(tmp_path / "a.wav")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert fault.reason == "write_error"


FULL = """
import sys
from pathlib import Path
from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.wav import WavWriter

writer = WavWriter(Path(sys.argv[1]) / "a.wav", 8000, 1, 1_000_000)
writer.open()
try:
    for first in range(0, 1_000_000, 100):
        writer.append(first, bytes(range(200)))
except WriteError as error:
    held = writer.frames
    size = writer.close(held)
    print(error.reason, held > 20_000, size == 44 + 2 * held == writer.part.stat().st_size)
"""


def test_a_file_system_that_fills_is_disk_full(tmp_path):
    """On a real tmpfs of 64 KiB, in a mount namespace of its own that ends with the process."""
    namespace = ["unshare", "--map-root-user", "--mount"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("this machine lets nobody make a mount namespace")
    script = f'mount -t tmpfs -o size=64k tmpfs "{tmp_path}" && exec "$@"'
    command = [*namespace, "sh", "-c", script, "sh", sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "disk_full True True\n"


def test_a_file_deleted_under_us_is_noticed_at_the_next_sync(tmp_path):
    writer = WavWriter(tmp_path / "a.wav", 8000, 1, 1_000_000)
    writer.open()
    writer.sync()
    writer.part.unlink()
    with pytest.raises(WriteError, match="deleted while it was written"):
        writer.sync()


def test_a_close_that_fails_lets_go_of_the_file(tmp_path, monkeypatch):
    writer = WavWriter(tmp_path / "a.wav", 8000, 1, 1_000_000)
    writer.open()
    writer.append(0, PIECE)
    before = open_files()

    def broken(_fd):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(WriteError, match=r"cannot sync .* Input/output error"):
        writer.close(8000)
    assert open_files() == before - 1


@pytest.mark.parametrize("resume", [False, True])
def test_a_disk_that_takes_no_head_keeps_no_file(tmp_path, monkeypatch, resume):
    def full(_fd, _data, _offset):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = open_files()
    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(WriteError, match="No space left"):
        WavWriter(tmp_path / "a.wav", 8000, 1, 1_000_000, resume=resume).open()
    assert list(tmp_path.iterdir()) == []
    assert open_files() == before


def test_a_file_that_is_not_gone_on_with_is_let_go_and_left(tmp_path):
    (tmp_path / "a.wav.part").write_bytes(b"something else" * 10)
    before = open_files()
    with pytest.raises(WriteError, match="not the head"):
        WavWriter(tmp_path / "a.wav", 8000, 1, 1_000_000, resume=True).open()
    assert (tmp_path / "a.wav.part").read_bytes() == b"something else" * 10
    assert open_files() == before


def test_a_file_system_without_modes_is_written_all_the_same(tmp_path, monkeypatch):
    def chmod(*_args, **_options):
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    for name in ("chmod", "fchmod"):
        monkeypatch.setattr(os, name, chmod)
    writer = WavWriter(tmp_path / "day" / "a.wav", 8000, 1, 1_000_000, root=tmp_path)
    writer.open()
    writer.append(0, PIECE)
    writer.close(8000)
    seal(writer.path, {"a": 1})
    assert {file.name for file in writer.path.parent.iterdir()} == {"a.wav", "a.json"}

"""Which WAVs are taken, what is read of them, and what is said of the others."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.capture.wavfile import WavFault, WavSource
from tests.capture.wavs import chunk, extensible, fmt, riff, write_wav
from tests.noise import noise

PCM = noise(400)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.wav"


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_wav_reads_its_frames(path: Path, rate: int, channels: int) -> None:
    pcm = noise(400, channels)
    with WavSource(write_wav(path, pcm, rate, channels)) as wav:
        assert (wav.rate, wav.channels, wav.frames, wav.head) == (rate, channels, 400, 400)
        assert wav.read(0, 400) == pcm
        assert wav.read(17, 100) == pcm[17 * 2 * channels : 117 * 2 * channels]
        assert wav.read(400, 0) == b""


RF64_SIZES = struct.pack("<QQQI", 0, 800, 400, 0)
OTHER_MAKES = {
    "extensible": riff(chunk(b"fmt ", extensible()), chunk(b"data", PCM)),
    "other chunks": riff(chunk(b"LIST", b"odd"), chunk(b"fmt ", fmt()), chunk(b"fact", b"1234"), chunk(b"data", PCM)),
    "long format": riff(chunk(b"fmt ", fmt() + bytes(2)), chunk(b"data", PCM), chunk(b"LIST", b"after")),
    "half a frame at the end": riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM + b"1")),
    "RF64": riff(chunk(b"ds64", RF64_SIZES), chunk(b"fmt ", fmt()), chunk(b"data", PCM, 2**32 - 1), form=b"RF64"),
}


@pytest.mark.parametrize("content", OTHER_MAKES.values(), ids=OTHER_MAKES.keys())
def test_wav_of_other_makes_is_read(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with WavSource(path) as wav:
        assert wav.frames == 400
        assert wav.read(0, 400) == PCM


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a WAV file"),
        (b"RIFF", "not a WAV file"),
        (b"ID3\x03" + bytes(100), "not a WAV file"),
        (riff(chunk(b"data", PCM)), "audio before its format"),
        (riff(chunk(b"fmt ", b"short"), chunk(b"data", PCM)), "its format has 5 bytes"),
        (riff(chunk(b"fmt ", fmt())), "no audio"),
        (riff(chunk(b"fmt ", fmt(bits=24)), chunk(b"data", PCM)), "24 bits a sample, not 16"),
        (riff(chunk(b"fmt ", fmt(channels=3)), chunk(b"data", PCM)), "3 channels, not 1 or 2"),
        (riff(chunk(b"fmt ", fmt(rate=22050)), chunk(b"data", PCM)), "22050 Hz, not one of 8000, 16000"),
        (riff(chunk(b"fmt ", fmt(tag=7, bits=8)), chunk(b"data", PCM)), r"coded \(format 0x0007\), not PCM; 8 bits"),
        (riff(chunk(b"fmt ", extensible(guid=bytes(16))), chunk(b"data", PCM)), "coded"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM, 900)), "truncated: 800 of 900 bytes"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM, 0)), "truncated: still being written"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM, 2**32 - 1)), "truncated: still being written"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", b"")), "it has no audio"),
        (riff(chunk(b"LIST", b"abcd", 5000)), "truncated within its chunk"),
        (riff(chunk(b"fmt ", fmt())) + b"dat", "truncated within a chunk's head"),
        (riff(*[b"JUNK\0\0\0\0"] * 10_000), "not a WAV file: no audio in its first"),
    ],
)
def test_wav_is_refused_by_name(path: Path, content: bytes, says: str) -> None:
    path.write_bytes(content)
    with pytest.raises(WavFault, match=says) as refused:
        WavSource(path)
    assert str(path) in str(refused.value)


def test_wav_absent_is_an_os_error(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WavSource(path)


def test_fifo_is_refused_and_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(WavFault, match="not a regular file"):
        WavSource(path)


def test_reading_beyond_the_end_is_an_error(path: Path) -> None:
    with WavSource(write_wav(path, PCM)) as wav:
        for first, frames in ((399, 2), (-1, 1), (0, -1)):
            with pytest.raises(ValueError, match="of 400"):
                wav.read(first, frames)


def test_file_that_shrinks_is_told(path: Path) -> None:
    with WavSource(write_wav(path, PCM)) as wav:
        with path.open("r+b") as file:
            file.truncate(500)
        assert wav.read(0, 100) == PCM[:200]
        with pytest.raises(WavFault, match="became shorter"):
            wav.read(0, 400)


@given(cut=st.integers(0, 860), at=st.integers(0, 60), byte=st.integers(0, 255))
def test_damaged_wav_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, byte: int) -> None:
    content = bytearray(riff(chunk(b"LIST", b"odd"), chunk(b"fmt ", fmt()), chunk(b"data", PCM)))
    content[at] = byte
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes(content[:cut])
    try:
        with WavSource(path) as wav:
            assert len(wav.read(0, wav.frames)) == wav.frames * wav.channels * 2
    except WavFault:
        pass

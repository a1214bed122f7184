"""A file as a line, on a clock of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from recorder._dsp import RingReader
from recorder.capture.filelines import NS_PER_S, FileLine
from recorder.capture.spec import LineSpec, Site
from recorder.capture.wavfile import WavFault
from tests.capture.wavs import write_wav
from tests.noise import noise

RATE = 8000
START_NS = 1_000 * NS_PER_S
GAP_RESTART = 2

OpenLine = Callable[[LineSpec, Site, int], FileLine]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path, 30.0)


@pytest.fixture
def open_line() -> Iterator[OpenLine]:
    opened: list[FileLine] = []

    def open_one(spec: LineSpec, site: Site, now_ns: int) -> FileLine:
        opened.append(FileLine(spec, site, now_ns))
        return opened[-1]

    yield open_one
    for line in opened:
        line.close()


def after(seconds: float) -> int:
    return START_NS + round(seconds * NS_PER_S)


def wav_line(site: Site, pcm: bytes, channels: int = 1, *, loop: bool = False, listen: int | None = None) -> LineSpec:
    path = write_wav(site.directory / "x.wav", pcm, RATE, channels)
    return LineSpec("x", f"file:{path}", rate=0, channels=0, listen=listen, loop=loop)


def ring_of(site: Site) -> RingReader:
    return RingReader(site.ring_path("x"))


def test_line_follows_the_clock_to_the_end(site: Site, open_line: OpenLine) -> None:
    pcm = noise(RATE)
    line = open_line(wav_line(site, pcm), site, START_NS)
    ring = ring_of(site)
    for milliseconds in range(0, 1000, 37):
        line.advance(after(milliseconds / 1000))
        assert ring.head == RATE * milliseconds // 1000
    assert not ring.ended
    line.advance(after(1.01))
    assert (ring.head, ring.ended, line.ended) == (RATE, True, True)
    assert ring.read(0, RATE) == pcm
    assert ring.gaps() == []


def test_freeze_is_caught_up_without_loss(site: Site, open_line: OpenLine) -> None:
    pcm = noise(5 * RATE)
    line = open_line(wav_line(site, pcm), site, START_NS)
    line.advance(after(0.1))
    line.advance(after(4.5))
    ring = ring_of(site)
    assert ring.read(0, ring.head) == pcm[: round(4.5 * RATE) * 2]
    assert ring.gaps() == []


def test_loop_begins_again_at_the_end(site: Site, open_line: OpenLine) -> None:
    pcm = noise(1000)
    line = open_line(wav_line(site, pcm, loop=True), site, START_NS)
    line.advance(after(0.6))
    ring = ring_of(site)
    assert ring.read(0, 4800) == (pcm * 5)[:9600]
    assert not line.ended


def test_frames_are_anchored_exactly(site: Site, open_line: OpenLine) -> None:
    line = open_line(wav_line(site, noise(10 * RATE)), site, START_NS)
    for tenths in range(50):
        line.advance(after(tenths / 10))
    ring = ring_of(site)
    for frame in (0, 1, 12345, ring.head):
        assert abs(ring.time_of(frame)[0] - START_NS - frame * NS_PER_S // RATE) <= 1
        assert ring.frame_at(START_NS + frame * NS_PER_S // RATE) == frame


@pytest.mark.parametrize("loop", [False, True])
def test_restart_goes_on_as_a_live_line_would(site: Site, open_line: OpenLine, *, loop: bool) -> None:
    pcm = noise(3 * RATE)
    spec = wav_line(site, pcm, loop=loop)
    line = open_line(spec, site, START_NS)
    line.advance(after(1.0))
    line.close()
    line = open_line(spec, site, after(1.25))
    line.advance(after(2.0))
    ring = ring_of(site)
    assert ring.gaps() == [(1, RATE, RATE // 4, GAP_RESTART)]
    lost = slice(2 * RATE, 2 * RATE * 5 // 4)
    assert ring.read(0, 2 * RATE) == pcm[: lost.start] + bytes(RATE // 2) + pcm[lost.stop : 4 * RATE]


def test_restart_behind_the_end_ends_the_line(site: Site, open_line: OpenLine) -> None:
    spec = wav_line(site, noise(RATE))
    line = open_line(spec, site, START_NS)
    line.advance(after(0.75))
    line.close()
    line = open_line(spec, site, after(9))
    line.advance(after(9))
    ring = ring_of(site)
    assert (ring.head, line.ended, ring.ended) == (RATE, True, True)
    assert ring.gaps() == [(1, RATE * 3 // 4, RATE // 4, GAP_RESTART)]


def test_ended_line_begins_a_new_ring(site: Site, open_line: OpenLine) -> None:
    spec = wav_line(site, noise(100))
    line = open_line(spec, site, START_NS)
    line.advance(after(1))
    line.close()
    open_line(spec, site, after(2)).advance(after(2.005))
    assert ring_of(site).head == 40


@pytest.mark.parametrize(("speak", "listen"), [(0, None), (1, None), (0, 1), (1, 0)])
def test_channels_are_picked(site: Site, open_line: OpenLine, speak: int, listen: int | None) -> None:
    parties = [noise(800, seed=1), noise(800, seed=2)]
    both = b"".join(parties[c][2 * f : 2 * f + 2] for f in range(800) for c in (0, 1))
    path = write_wav(site.directory / "x.wav", both, RATE, 2)
    line = open_line(LineSpec("x", f"file:{path}", 0, 0, speak, listen), site, START_NS)
    line.advance(after(0.1))
    chosen = [parties[speak]] if listen is None else [parties[speak], parties[listen]]
    assert ring_of(site).read(0, 800) == b"".join(party[2 * f : 2 * f + 2] for f in range(800) for party in chosen)


def test_line_that_contradicts_its_file_is_refused(site: Site, open_line: OpenLine) -> None:
    path = write_wav(site.directory / "x.wav", noise(100), RATE)
    with pytest.raises(WavFault, match=r"it has 8000 Hz, the line is set to 48000; it has 1 channels, .* to 2; .* no"):
        open_line(LineSpec("x", f"file:{path}", 48000, 2, 0, 1), site, START_NS)
    assert not site.ring_path("x").exists()


def test_file_that_shrinks_fails_the_line(site: Site, open_line: OpenLine) -> None:
    spec = wav_line(site, noise(RATE))
    line = open_line(spec, site, START_NS)
    write_wav(site.directory / "x.wav", noise(10), RATE)
    with pytest.raises(WavFault, match="shorter"):
        line.advance(after(0.5))

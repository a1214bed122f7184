"""The ring against a slow model: what a reader got, lost and was told of adds up to what the writer wrote."""

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from recorder._capture import RingWriter
from recorder._dsp import Overtaken, RingReader

CAUSES = {"overrun": 1, "restart": 2, "device": 3}
LOGGED = 64
PAGE_BYTES = 4096


class RingAgainstModel(RuleBasedStateMachine):
    """The model keeps every frame ever written; the ring keeps one page of them."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        self.path = Path(self.directory.name) / "line.ring"

    @initialize(channels=st.sampled_from([1, 2, 3]))
    def start(self, channels: int) -> None:
        self.channels = channels
        self.writer = RingWriter(self.path, "line", 8000, channels, PAGE_BYTES // (2 * channels))
        self.reader = RingReader(self.path)
        self.written = bytearray()
        self.gaps: list[tuple[int, int, int, int]] = []
        self.cursor = 0
        self.got = bytearray()
        self.told: list[tuple[int, int, int, int]] = []

    def teardown(self) -> None:
        self.directory.cleanup()

    @property
    def head(self) -> int:
        return len(self.written) // (2 * self.channels)

    @property
    def oldest(self) -> int:
        return max(0, self.head - self.writer.capacity)

    def model(self, first: int, frames: int) -> bytes:
        return bytes(self.written[first * 2 * self.channels : (first + frames) * 2 * self.channels])

    @rule(frames=st.one_of(st.integers(0, 400), st.integers(0, 5000)), seed=st.integers(1, 2**15 - 1))
    def write(self, frames: int, seed: int) -> None:
        samples = (1 + (seed + 7919 * number) % 32767 for number in range(frames * self.channels))  # never silence
        pcm = struct.pack(f"<{frames * self.channels}h", *samples)
        self.writer.write(pcm)
        self.written += pcm

    @rule(frames=st.one_of(st.integers(0, 400), st.integers(0, 5000)), cause=st.sampled_from(sorted(CAUSES)))
    def write_gap(self, frames: int, cause: str) -> None:
        if frames:
            self.gaps.append((len(self.gaps) + 1, self.head, frames, CAUSES[cause]))
        self.writer.write_gap(frames, cause)
        self.written += bytes(frames * 2 * self.channels)

    @rule()
    def restart_writer(self) -> None:
        self.writer.close()
        self.writer = RingWriter(self.path, "line", 8000, self.channels, PAGE_BYTES // (2 * self.channels))
        assert self.writer.attached

    @rule(data=st.data())
    def read_anything(self, data: st.DataObject) -> None:
        first = data.draw(st.one_of(st.integers(0, self.head + 3), st.integers(self.oldest, self.oldest + 3)))
        frames = data.draw(st.integers(0, self.head - first + 3 if self.head > first else 3))
        if first + frames > self.head:
            with pytest.raises(ValueError, match="not all written"):
                self.reader.read(first, frames)
        elif first < self.oldest:
            with pytest.raises(Overtaken) as caught:
                self.reader.read(first, frames)
            assert caught.value.oldest == self.oldest
        else:
            assert self.reader.read(first, frames) == self.model(first, frames)

    @rule(piece=st.integers(1, 500))
    def follow(self, piece: int) -> None:
        """Read all that is new, a piece at a time, as a follower does."""
        self.told += self.reader.gaps(self.told[-1][0] if self.told else 0)
        while self.cursor < self.reader.head:
            try:
                self.got += self.reader.read(self.cursor, min(piece, self.reader.head - self.cursor))
            except Overtaken as lost:
                missed = lost.oldest - self.cursor
                self.got += self.model(self.cursor, missed)  # lost, and known to be
                assert self.cursor < self.oldest
            self.cursor = len(self.got) // (2 * self.channels)
        assert self.got == self.written
        self.silence_is_all_told()

    def silence_is_all_told(self) -> None:
        """Samples written are never 0: the silent frames are those of the gaps."""
        assert self.told == [gap for gap in self.gaps if gap in self.told]
        assert self.told[-LOGGED:] == self.gaps[-LOGGED:]
        silent = {n for n in range(self.oldest, self.head) if not any(self.model(n, 1))}
        kept = {n for _, start, frames, _ in self.gaps for n in range(start, start + frames) if n >= self.oldest}
        assert silent == kept

    @invariant()
    def the_counters_agree(self) -> None:
        if hasattr(self, "reader"):
            assert (self.reader.head, self.reader.oldest) == (self.head, self.oldest)
            assert self.reader.gaps() == self.gaps[-LOGGED:]


TestRingAgainstModel = RingAgainstModel.TestCase
TestRingAgainstModel.settings = settings(max_examples=60, stateful_step_count=30)

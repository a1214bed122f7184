"""What stands in a recording's file: how long it is, which frames of the line it holds, and its gaps."""

from bisect import bisect_left
from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Self

from recorder.recording.actions import Gaps

GAPS_LISTED = 100  # the others are counted (docs/events.md)
LATEST_KEPT = 64  # of the gaps and runs behind them: further back the writer never is when it fails


class Contents:
    """The first `frames` frames of a file, and the map from them to the line's."""

    def __init__(self) -> None:
        self.frames = 0
        self._runs: list[tuple[int, int]] = []  # (file frame, line frame) wherever the two part
        self._line_end = -1  # the line frame behind the last in the file
        self._gaps: list[tuple[int, int]] = []  # (start, frames) in file frames
        self._gap_count = 0
        self._gap_frames = 0

    def append(self, line_frame: int, frames: int) -> int:
        """Let the frames of the line from `line_frame` on follow; returns the file frame at which they stand."""
        file_frame = self.frames
        if line_frame != self._line_end:
            self._runs.append((file_frame, line_frame))
            del self._runs[1:-LATEST_KEPT]
        self._line_end = line_frame + frames
        self.frames = file_frame + frames
        return file_frame

    def note_gap(self, start: int, frames: int) -> None:
        """Note that the audio of these frames of the file never reached us; gaps that touch are one."""
        place = bisect_left(self._gaps, (start, frames))
        self._gaps.insert(place, (start, frames))
        self._gap_count += 1
        self._gap_frames += frames
        self._join(place)
        self._join(place - 1)
        del self._gaps[GAPS_LISTED:-LATEST_KEPT]

    def _join(self, left: int) -> None:
        if 0 <= left < len(self._gaps) - 1:
            (start, frames), (follows, more) = self._gaps[left : left + 2]
            if start + frames == follows:
                self._gaps[left : left + 2] = [(start, frames + more)]
                self._gap_count -= 1

    def settle(self, frames: int) -> None:
        """Be the first `frames` frames, which may be fewer than were appended, or more: what was not seen to go on."""
        while self._gaps and sum(self._gaps[-1]) > frames:
            start, length = self._gaps.pop()
            kept = max(0, frames - start)
            self._gap_frames -= length - kept
            self._gap_count -= 1
            if kept:
                self._gaps.append((start, kept))
                self._gap_count += 1
        if frames:
            file_frame, line_frame = self._runs[bisect_left(self._runs, frames, key=itemgetter(0)) - 1]
            self._line_end = line_frame + frames - file_frame
        self.frames = frames

    @property
    def gaps(self) -> Gaps:
        """The gaps so far."""
        return Gaps(tuple(self._gaps[:GAPS_LISTED]), self._gap_count, self._gap_frames)

    @property
    def span(self) -> tuple[int, int]:
        """The line frame of the first frame in the file, and the one behind the last. There must be one."""
        return self._runs[0][1], self._line_end

    def save(self) -> dict[str, Any]:
        """As JSON; `load` takes it back."""
        return {
            "frames": self.frames,
            "runs": [list(run) for run in self._runs],
            "line_end": self._line_end,
            "gaps": [list(gap) for gap in self._gaps],
            "gap_count": self._gap_count,
            "gap_frames": self._gap_frames,
        }

    @classmethod
    def load(cls, saved: Mapping[str, Any]) -> Self:
        """What `save` wrote."""
        contents = cls()
        contents.frames = saved["frames"]
        contents._runs = [(file_frame, line_frame) for file_frame, line_frame in saved["runs"]]
        contents._line_end = saved["line_end"]
        contents._gaps = [(start, frames) for start, frames in saved["gaps"]]
        contents._gap_count = saved["gap_count"]
        contents._gap_frames = saved["gap_frames"]
        return contents

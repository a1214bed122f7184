"""The end of a file as it was asked for: what its encoder hears again when the file is picked up."""

from collections.abc import Iterable
from typing import Self

from recorder.recording.actions import AppendFrames, AppendSilence, joined

Piece = AppendFrames | AppendSilence


class Tail:
    """The last `frames` frames appended to a file, as the pieces in which they came; with 0 it keeps nothing."""

    def __init__(self, frames: int) -> None:
        self.pieces: list[Piece] = []
        self.frames = frames

    def put(self, piece: Piece) -> None:
        """Take the piece that was appended now; what lies too far back is dropped."""
        whole = joined(self.pieces[-1], piece) if self.pieces else None
        if whole is None:
            self.pieces.append(piece)
        else:
            self.pieces[-1] = whole
        first = piece.file_frame + piece.frames - self.frames
        self.pieces = [_from(each, first) for each in self.pieces if each.file_frame + each.frames > first]

    def save(self) -> list[list[int]]:
        """As JSON; `load` takes it back."""
        return [
            [each.file_frame, each.frames, *([each.first] if isinstance(each, AppendFrames) else [])]
            for each in self.pieces
        ]

    @classmethod
    def load(cls, frames: int, state: Iterable[list[int]]) -> Self:
        """The tail that `save` wrote."""
        tail = cls(frames)
        for file_frame, length, *first in state:
            tail.pieces.append(
                AppendFrames(file_frame, first[0], length) if first else AppendSilence(file_frame, length)
            )
        return tail


def _from(piece: Piece, first: int) -> Piece:
    """What of the piece lies at `first` in the file or behind it."""
    over = max(0, first - piece.file_frame)
    if isinstance(piece, AppendFrames):
        return AppendFrames(piece.file_frame + over, piece.first + over, piece.frames - over)
    return AppendSilence(piece.file_frame + over, piece.frames - over)

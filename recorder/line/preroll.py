"""How far back a recording of a line may reach."""

from dataclasses import dataclass


@dataclass(slots=True)
class PreRollMark:
    """The frame before which no pre-roll goes: what was paused, and calls that ended, stay outside every later file."""

    frame: int = 0

    def raise_to(self, frame: int) -> None:
        """Nothing before `frame` may enter a later recording's pre-roll."""
        self.frame = max(self.frame, frame)

    def first_frame(self, command_frame: int, pre_roll: int, *, call_begin: int, oldest: int, paused_now: bool) -> int:
        """The first frame of a file whose command came at `command_frame` and asks for `pre_roll` frames before it.

        `call_begin` is 0 when the recording itself began the call; `oldest` is the first frame the ring still holds.
        """
        if paused_now or pre_roll == 0:
            return command_frame
        return min(command_frame, max(command_frame - pre_roll, self.frame, call_begin, oldest))

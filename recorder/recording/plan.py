"""What one recording was asked for, in frames."""

from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Self

from recorder.contract.parameters import Parameters


def frames_of(seconds: float, rate: int) -> int:
    """Seconds as frames: rounded half up, as the number is written, and at least 1 when there are any."""
    if seconds <= 0:
        return 0
    return max(1, int((Decimal(str(seconds)) * rate).to_integral_value(ROUND_HALF_UP)))


def timeout_frames(seconds: float, rate: int) -> int:
    """As `frames_of`, then up to whole 10 ms: speech is judged in blocks of that length."""
    block = rate // 100
    return -(-frames_of(seconds, rate) // block) * block


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a machine needs to know of its recording. Frames; 0 = off.

    `lead` is what a file ends before a tone's first frame (5 ms); `same_press` the longest time between two sightings
    of one key press, in the audio and out of band (500 ms). `cap` is the longest time on the line, pauses included.
    """

    cap: int
    lead: int
    same_press: int
    terminators: str = ""
    beep: bool = False
    pre_roll: int = 0
    max_length: int = 0
    initial_timeout: int = 0
    end_silence: int = 0
    beep_interval: int = 0
    keep_no_input: bool = False

    def __post_init__(self) -> None:
        if self.cap < 1:
            raise ValueError("a recording needs a cap of at least one frame")
        if self.beep and self.pre_roll:
            raise ValueError("pre_roll does not go with beep")
        if 0 < self.max_length <= self.pre_roll:
            raise ValueError("pre_roll fills max_length")

    @classmethod
    def of(cls, parameters: Parameters, rate: int, *, cap_frames: int, keep_no_input: bool = False) -> Self:
        """The plan for a line of `rate` Hz; `cap_frames` and `keep_no_input` come from the configuration."""
        return cls(
            cap=cap_frames,
            lead=rate // 200,
            same_press=rate // 2,
            terminators=parameters.terminators,
            beep=parameters.beep,
            pre_roll=frames_of(parameters.pre_roll, rate),
            max_length=frames_of(parameters.max_length, rate),
            initial_timeout=timeout_frames(parameters.initial_timeout, rate),
            end_silence=timeout_frames(parameters.end_silence_timeout, rate),
            beep_interval=frames_of(parameters.beep_interval, rate),
            keep_no_input=keep_no_input,
        )

    def save(self) -> dict[str, Any]:
        """As JSON; `Plan(**saved)` takes it back."""
        return asdict(self)

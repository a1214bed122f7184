"""What `recorder record` was asked for."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from recorder.config.model import LineConfig
from recorder.contract.parameters import Parameters

Pace: TypeAlias = Literal["real", "max"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneShot:
    """One recording of one input into one file, checked as far as that goes without opening a device or the output.

    `line` has its rate and channels, those of the file for a file. `pace` max: as fast as it goes, file lines only,
    never looped. `overwrite`: a file that stands at `output` may be replaced.
    """

    line: LineConfig
    parameters: Parameters
    output: Path
    pace: Pace = "real"
    overwrite: bool = False

"""What each parameter of a recording may be, taken alone."""

from collections.abc import Mapping
from typing import Any

from recorder.contract.ids import DIGITS, control_id
from recorder.contract.limits import FORMATS
from recorder.contract.values import Check, Unfit, boolean, number, one_of, web_url

LONGEST_S = 86400.0  # any time: a day
BEEP_INTERVAL_S = (5.0, 3600.0)
MOST_TERMINATORS = 32  # characters: every digit in both cases, with room to spare

_seconds = number(0, LONGEST_S, "seconds")
_up_to_an_hour = number(0, BEEP_INTERVAL_S[1])


def terminators(value: object) -> str:
    """A set of digits as upper-case letters without repeats, in the order given; "" for none. Raises Unfit."""
    if isinstance(value, str) and len(value) <= MOST_TERMINATORS and all(c in DIGITS for c in value.upper()):
        return "".join(dict.fromkeys(value.upper()))
    raise Unfit(f"a string of the digits 0-9, A-D, * and # without commas, at most {MOST_TERMINATORS} characters")


def beep_interval(value: object) -> float:
    """Seconds, 0 for no warning tone. Raises Unfit."""
    least, most = BEEP_INTERVAL_S
    allowed = f"0 or a number of seconds from {least:g} to {most:g}"
    try:
        seconds = _up_to_an_hour(value)
    except Unfit as unfit:
        raise Unfit(allowed) from unfit
    if 0 < seconds < least:
        raise Unfit(allowed)
    return seconds


CHECKS: Mapping[str, Check[Any]] = {
    "control_id": control_id,
    "stereo": boolean,
    "format": one_of(*FORMATS),
    "direction": one_of("speak", "listen", "both"),
    "terminators": terminators,
    "beep": boolean,
    "input_sensitivity": number(0, 100),
    "initial_timeout": _seconds,
    "end_silence_timeout": _seconds,
    "max_length": _seconds,
    "status_url": web_url,
    "pre_roll": _seconds,
    "beep_interval": beep_interval,
}
TEXTS = frozenset({"control_id", "format", "direction", "terminators", "status_url"})  # never a number or a boolean

"""mix against a slow model, on any frames."""

import struct
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder._dsp import mix

Frames = list[tuple[int, int]]
SAMPLE = st.one_of(st.sampled_from([-32768, -1, 0, 1, 32767]), st.integers(-32768, 32767))


def pcm(samples: list[int]) -> bytes:
    return struct.pack(f"<{len(samples)}h", *samples)


@given(st.lists(st.tuples(SAMPLE, SAMPLE)))
def test_two_parties_mix_as_the_model_says(frames: Frames) -> None:
    line = pcm([sample for frame in frames for sample in frame])
    assert mix(line, 2, "speak", stereo=False) == pcm([speak for speak, _ in frames])
    assert mix(line, 2, "listen", stereo=True) == pcm([listen for _, listen in frames])
    assert mix(line, 2, "both", stereo=True) == line
    assert mix(line, 2, "both", stereo=False) == pcm([max(-32768, min(32767, sum(frame))) for frame in frames])


@pytest.mark.parametrize("direction", ["speak", "listen", "both"])
@pytest.mark.parametrize("stereo", [False, True])
def test_line_of_one_channel_gives_speak(direction: Literal["speak", "listen", "both"], stereo: bool) -> None:
    assert mix(b"\1\0\2\0", 1, direction, stereo) == b"\1\0\2\0"


def test_mix_refuses_what_makes_no_frames() -> None:
    with pytest.raises(ValueError, match="whole frames"):
        mix(b"\1\0", 2, "both", stereo=False)
    with pytest.raises(ValueError, match="1 or 2 channels, not 3"):
        mix(b"", 3, "both", stereo=False)
    with pytest.raises(ValueError, match="speak, listen, both"):
        mix(b"", 2, "left", stereo=False)
    with pytest.raises(TypeError):
        mix(None, 2, "both", stereo=False)

import struct

import pytest

from recorder.writers.source import Mixing

PCM = struct.pack("<4h", 100, 1000, -20000, -20000)  # speak, listen; speak, listen


@pytest.mark.parametrize(
    ("line_channels", "direction", "stereo", "channels", "samples"),
    [
        (2, "speak", False, 1, (100, -20000)),
        (2, "listen", True, 1, (1000, -20000)),
        (2, "both", False, 1, (1100, -32768)),
        (2, "both", True, 2, (100, 1000, -20000, -20000)),
        (1, "both", True, 1, (100, 1000, -20000, -20000)),
    ],
)
def test_the_file_has_the_channels_that_were_asked_for(line_channels, direction, stereo, channels, samples):
    mixing = Mixing(line_channels, direction, stereo)
    mixed = mixing.of(PCM)
    assert struct.unpack(f"<{len(mixed) // 2}h", mixed) == samples
    assert mixing.channels == channels

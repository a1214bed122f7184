"""A configured line as the capture process is told of it."""

import struct
import wave

import pytest

from recorder.capture.wavfile import WavFault
from recorder.config.model import LineConfig
from recorder.service.lines import spec_of, with_header


@pytest.fixture
def stereo(tmp_path):
    path = tmp_path / "stereo.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 16000, 0, "NONE", ""))
        file.writeframes(struct.pack("<2h", 1, 2) * 160)
    return f"file:{path}"


def test_device_line_is_told_as_it_is_configured():
    line = LineConfig(id="a", device="alsa:hw:1", rate=8000, channels=4, speak=2, listen=3, latency=0.2, block=64)
    spec = spec_of(line)
    assert (spec.rate, spec.channels, spec.channel_map, spec.latency_s, spec.block_frames) == (8000, 4, (2, 3), 0.2, 64)


def test_file_line_has_its_files_rate_channels_and_listen(stereo):
    spec = spec_of(LineConfig(id="a", device=stereo, loop=True))
    assert (spec.rate, spec.channels, spec.channel_map, spec.loop) == (16000, 2, (0, 1), True)


def test_file_that_is_absent_is_left_to_capture(tmp_path):
    spec = spec_of(LineConfig(id="a", device=f"file:{tmp_path}/absent.wav"))
    assert (spec.rate, spec.channels, spec.channel_map) == (0, 0, (0,))


def test_header_that_contradicts_the_line_is_a_fault(stereo):
    with pytest.raises(WavFault, match="16000 Hz, the line is set to 8000"):
        with_header(LineConfig(id="a", device=stereo, rate=8000))

"""PulseAudio carries known noise to an ALSA device bit for bit; arecord is the witness."""

from pathlib import Path

import pytest

from tests.alsa.arecord import recorded_by
from tests.alsa.conftest import Arecord
from tests.fixtures.pulse import PulseDaemon, Sink
from tests.noise import noise
from tests.waiting import until


@pytest.mark.parametrize("sink", [Sink("line0"), Sink("line0", 48000, 2), Sink("line0", 16000, 16)], ids=repr)
def test_noise_is_captured_bit_for_bit(tmp_path: Path, arecord: Arecord, sink: Sink) -> None:
    source = noise(sink.rate // 2, sink.channels)
    with PulseDaemon(tmp_path, [sink]) as pulse:
        config = pulse.write_config(tmp_path)
        reader = arecord(config, "line0", sink.rate, sink.channels, 2 * sink.rate)
        until(lambda: pulse.is_heard("line0"), what="a reader of the monitor")
        player = pulse.play("line0", source)
        heard = recorded_by(reader)
        assert player.wait(10) == 0
    assert source in heard

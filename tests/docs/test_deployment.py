"""The ALSA configuration of the deployment page carries audio: its cables are devices of the project's plugin."""

import os
import subprocess
from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.docs.blocks import blocks
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import channels_of, stretches
from tests.waiting import until

RATE = 8000
[CABLES, *_] = [block.text for block in blocks("docs/deployment.md") if block.language == "alsa"]
ENDS = {
    "hw:Loopback,1,0": "said",
    "hw:Loopback,1,2": "heard",
    "hw:Loopback,0,1": "gateway",
    "hw:Loopback,0,2": "copy",
}


@pytest.fixture
def cables(shm_path: Path, alsa_plugin: Path) -> tuple[Path, dict[str, AlsaLine], dict[str, AlsaSpeaker]]:
    """The page's configuration over devices of ours, and these."""
    lines = {name: AlsaLine(shm_path, name, noise(10 * RATE, seed=seed)) for seed, name in enumerate(("said", "heard"))}
    speakers = {name: AlsaSpeaker(shm_path, name, rate=RATE, channels=1) for name in ("gateway", "copy")}
    config = write_config(shm_path, alsa_plugin, [*lines.values(), *speakers.values()])
    text = CABLES
    for place, ours in ENDS.items():
        assert place in text
        text = text.replace(place, ours)
    config.write_text(config.read_text() + text)
    return config, lines, speakers


def test_what_is_said_and_heard_are_the_two_channels_of_a_line(
    shm_path: Path, cables: tuple[Path, dict[str, AlsaLine], dict[str, AlsaSpeaker]]
) -> None:
    config, lines, _ = cables
    spec = LineSpec("front", "alsa:front", RATE, 2, 0, 1, playback="alsa:front_prompt")
    with Capture(shm_path, [spec], config) as capture:
        ring = capture.ring("front")
        until(lambda: ring.head >= RATE, 20, "a second of audio")
        pcm = heard(ring)
    for channel, name in enumerate(("said", "heard")):
        found = stretches(channels_of(pcm, 2, channel), lines[name].file.read_bytes(), 1)
        assert [stretch.at for stretch in found] == [0], (name, found)
        assert found[0].frames >= RATE - 40


def test_what_is_played_to_the_party_goes_to_the_gateway_and_to_the_recorder(
    cables: tuple[Path, dict[str, AlsaLine], dict[str, AlsaSpeaker]],
) -> None:
    config, _, speakers = cables
    pcm = noise(RATE)
    shape = ["-q", "-t", "raw", "-f", "S16_LE", "-r", str(RATE), "-c", "1"]
    env = os.environ | {"ALSA_CONFIG_PATH": str(config)}
    subprocess.run(["aplay", *shape, "-D", "front_prompt"], input=pcm, env=env, check=True, timeout=30)
    assert all(pcm in speaker.played for speaker in speakers.values())

"""arecord and aplay as independent witnesses of our devices."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Process = subprocess.Popen[bytes]
Arecord = Callable[..., Process]
Aplay = Callable[..., None]


@pytest.fixture
def arecord() -> Iterator[Arecord]:
    """arecord(config, device, rate, channels, frames, *options): a process that records raw s16le to stdout."""
    started: list[Process] = []

    def start(config: Path, device: str, rate: int, channels: int, frames: int, *options: str) -> Process:
        shape = ["-f", "S16_LE", "-r", str(rate), "-c", str(channels), "-s", str(frames), "-t", "raw"]
        env = os.environ | {"ALSA_CONFIG_PATH": str(config)}
        command = ["arecord", "-q", "-D", device, *shape, *options]
        started.append(subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def aplay() -> Aplay:
    """aplay(config, device, rate, pcm, *options) plays mono s16le to its end."""

    def play(config: Path, device: str, rate: int, pcm: bytes, *options: str) -> None:
        command = ["aplay", "-q", "-D", device, "-f", "S16_LE", "-r", str(rate), "-c", "1", "-t", "raw", *options]
        env = os.environ | {"ALSA_CONFIG_PATH": str(config)}
        subprocess.run(command, env=env, input=pcm, check=True, capture_output=True)

    return play

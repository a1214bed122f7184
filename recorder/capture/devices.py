"""What can be captured from, by ALSA name: the listing that `recorder devices` prints."""

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from recorder.capture import alsaconf
from recorder.contract.limits import RATES

TIMEOUT_S = 20.0
CHANNELS_MAX = 64  # a plug device claims any number


class ListingFailed(RuntimeError):
    """The devices can't be listed; the message says why."""


@dataclass(frozen=True, slots=True)
class CaptureDevice:
    """A PCM that can be opened for capture now."""

    name: str  # as in the configuration, after "alsa:"
    description: str
    channels: int  # most that it gives
    rates: tuple[int, ...]  # of those that the recorder knows


def capture_devices() -> list[CaptureDevice]:
    """All devices that can be captured from, by PortAudio in a throw-away child. Raise ListingFailed.

    A device that is in use, by a running capture process too, is missing.
    """
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "alsa.conf"
        alsaconf.write(config, {}, os.environ)
        try:
            listed = subprocess.run(
                [sys.executable, "-P", "-m", "recorder.capture.devices"],
                env={**os.environ, "ALSA_CONFIG_PATH": str(config)},
                capture_output=True,
                timeout=TIMEOUT_S,
                check=True,
            )
        except subprocess.TimeoutExpired as fault:
            raise ListingFailed(f"a device did not answer within {TIMEOUT_S:g} s") from fault
        except subprocess.CalledProcessError as fault:
            raise ListingFailed(fault.stderr.decode(errors="replace").strip()) from fault
    return [CaptureDevice(**{**each, "rates": tuple(each["rates"])}) for each in json.loads(listed.stdout)]


def _opened() -> list[CaptureDevice]:
    """In the child: what PortAudio sees."""
    import sounddevice  # noqa: PLC0415 # because it initialises PortAudio, which belongs in the child

    found = []
    for device in sounddevice.query_devices():
        channels = min(device["max_input_channels"], CHANNELS_MAX)
        rates = []
        for rate in RATES if channels else ():
            try:
                sounddevice.check_input_settings(device["index"], channels, "int16", samplerate=rate)
                rates.append(rate)
            except sounddevice.PortAudioError:
                continue
        if rates:
            # PortAudio calls hardware "CARD: DEVICE (hw:0,0)", and a configured PCM by its name.
            hardware = re.fullmatch(r"(.*) \((hw:\d+,\d+)\)", device["name"])
            description, name = hardware.groups() if hardware else ("", device["name"])
            found.append(CaptureDevice(name, description, channels, tuple(rates)))
    return found


def _main() -> None:
    """Print the listing as JSON on what was stdout; whatever PortAudio prints goes to stderr."""
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, json.dumps([asdict(device) for device in _opened()]).encode())
    os._exit(0)


if __name__ == "__main__":
    _main()

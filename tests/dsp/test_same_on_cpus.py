"""The ear tells the same here, on ARM and where there is no AVX2: rows of the DTMF table, and a voice (under qemu)."""

import platform
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bench import dtmf_line_rows as line
from bench import dtmf_rows as rows
from bench.dtmf_signals import Pcm, saturated, white
from recorder.dsp import RATES, DigitDetector
from tests.dsp.test_voice import babbling

CORE = Path(__file__).parent.parent.parent / "ext"
UNITS = ("ear", "decimate", "dtmf*", "vad*", "spectrum", "level")
HERE, ARM = ("gcc", []), ("aarch64-linux-gnu-gcc", ["qemu-aarch64"])
NO_AVX2 = ["qemu-x86_64", "-cpu", "Nehalem"]
ROWS = {
    "deviation": rows.deviation(0.015, "both", expected=True),
    "deviation beyond": rows.deviation(0.035, "low", expected=False),
    "twist": rows.twist(-8, expected=True),
    "level": rows.level(-40, expected=True),
    "drop-out": rows.drop_out(20, 80),
    "noise": rows.noise(9, 2),
    "echo": rows.echo(20),
    "dial tone": rows.dial_tone((350, 440), -14),
    "tones of the network": line.tones_of_the_network,
    "clipping": line.bent(line.clipped),
}
MOST = 60 * 8000  # of one row

pytestmark = pytest.mark.skipif(
    any(shutil.which(word) is None for word in ("gcc", ARM[0], *ARM[1])), reason="no gcc for ARM, or no qemu"
)


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """Commands of both builds, the one from here on an older CPU as well."""
    folder, commands = tmp_path_factory.mktemp("ears"), []
    sources = [str(path) for unit in UNITS for path in sorted(CORE.glob(f"src/{unit}.c"))]
    for compiler, run in (HERE, ARM):
        built = str(folder / compiler)
        flags = ["-static", "-std=c11", "-O3", "-ffp-contract=off", f"-I{CORE / 'include'}"]
        subprocess.run([compiler, *flags, str(CORE / "tests/told.c"), *sources, "-o", built], check=True)
        commands.append([*run, built])
    if platform.machine() == "x86_64":
        commands.append([*NO_AVX2, *commands[0]])
    return commands


def told(ear: list[str], pcm: Pcm, rate: int) -> list[str]:
    return (
        subprocess.run([*ear, str(rate)], input=pcm.tobytes(), capture_output=True, check=True)
        .stdout.decode()
        .split("\n")
    )


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_row_is_decided_alike(ears: list[list[str]], row: rows.Row) -> None:
    pcm = np.concatenate([pcm for pcm, _ in row()])[:MOST]
    here, *elsewhere = (told(ear, pcm, 8000) for ear in ears)
    assert elsewhere == [here] * len(elsewhere)
    core = [f"{event.digit} {event.frame}" for event in DigitDetector(8000).process(pcm)]
    assert here[: len(core)] == core


@pytest.mark.parametrize("rate", RATES)
def test_voice_and_digits_are_told_alike_at_every_rate(ears: list[list[str]], rate: int) -> None:
    rng = np.random.default_rng(3)
    voice = babbling(rng, 2, 2000)
    signal = np.interp(np.arange(2 * rate) / rate, np.arange(len(voice)) / 8000, voice)
    signal = np.concatenate([signal, *(np.r_[line.Tone().samples(d, rate), np.zeros(rate // 20)] for d in "159D")])
    pcm = saturated(signal + white(rng, len(signal), 60))
    here, *elsewhere = (told(ear, pcm, rate) for ear in ears)
    assert elsewhere == [here] * len(elsewhere)
    assert [word[0] for word in here[:8]] == list("115599DD")

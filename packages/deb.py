"""Build the Debian packages: `python -m packages.deb OUT`, on the release that they are for.

With `--wheel FILE` the recorder itself is that wheel, else one built from the files of the project; with `--only NAME`
one package is built.

The recorder stands in a tree of its own, /usr/lib/recorder, made like a virtual environment: what Debian does not have
in the versions that are needed is in it, as wheels from the package index, taken while building.
"""

import argparse
import gzip
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packages import completion, manual
from packages.requirements import APART, LIBC, NOT_SHIPPED, names

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build/deb"
LIBRARY = Path("usr/lib/recorder")
SYSTEM_PYTHON = "/usr/bin/python3"
PYTHON = subprocess.check_output(
    [SYSTEM_PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], text=True
).strip()
SITE = LIBRARY / f"lib/python{PYTHON}/site-packages"
APACHE = "/usr/share/common-licenses/Apache-2.0"
PROGRAM = """\
#!/usr/lib/recorder/bin/python -I
import sys

from recorder.cli.main import main

sys.exit(main())
"""


def main(out: Path, wheel: Path | None, only: str | None) -> None:
    """Build the packages into `out` and print their paths."""
    shutil.rmtree(BUILD, ignore_errors=True)
    tree, apart = BUILD / "recorder", BUILD / "recorder-mp4"
    install_python(tree / SITE, wheel or built())
    set_apart(tree / SITE, apart / SITE)
    (tree / LIBRARY / "bin").mkdir()
    (tree / LIBRARY / "bin/python").symlink_to("../../../bin/python3")
    put(tree / LIBRARY / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    put(tree / "usr/bin/recorder", PROGRAM, 0o755)
    manual.main(BUILD / "man")
    completion.main(BUILD / "man")
    install_system(tree)
    for root, control in ((tree, "control"), (apart, "control-mp4")):
        if only in (None, root.name):
            install_documents(root)
            print(build(root, control, out))


def built() -> Path:
    """The recorder's own wheel, of the files of the project."""
    wheels = BUILD / "wheels"
    pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(copied(BUILD / "source")))
    return next(wheels.glob("*.whl"))


def install_python(site: Path, wheel: Path) -> None:
    """The recorder and what it needs, stripped of what only a developer needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["mp4"]]
    wanted = [each for each in needed if names(each) not in NOT_SHIPPED]
    pip("install", "--target", str(site), "--only-binary", ":all:", "--no-compile", *wanted)
    pip("install", "--target", str(site), "--no-deps", "--no-compile", str(wheel))
    shutil.rmtree(site / "bin", ignore_errors=True)
    for library in (each for each in site.rglob("*.so*") if not each.parent.name.endswith(".libs")):
        subprocess.run(["strip", "--strip-unneeded", str(library)], check=True)
        library.chmod(0o644)
    for script in site.rglob("*.py"):  # modules, whatever their first line says
        if (text := script.read_bytes()).startswith(b"#!"):
            script.write_bytes(text.partition(b"\n")[2])
            script.chmod(0o644)


def copied(source: Path) -> Path:
    """The files of the project in a folder of their own: no earlier build has left anything there."""
    for name in subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines():
        if (ROOT / name).exists():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    return source


def set_apart(site: Path, other: Path) -> None:
    """Move what belongs to the other package."""
    other.mkdir(parents=True)
    for name in APART:
        for found in site.glob(f"{name}*"):
            if re.fullmatch(rf"{name}(\.libs|-[\d.]+\.dist-info)?", found.name):
                found.rename(other / found.name)


def install_system(tree: Path) -> None:
    """Units, users, configuration, man pages, completion."""
    for source, target in (
        ("systemd/recorder.service", "usr/lib/systemd/system/recorder.service"),
        ("systemd/recorder-capture.service", "usr/lib/systemd/system/recorder-capture.service"),
        ("systemd/recorder.sysusers", "usr/lib/sysusers.d/recorder.conf"),
        ("systemd/recorder.tmpfiles", "usr/lib/tmpfiles.d/recorder.conf"),
        ("systemd/recorder.toml", "etc/recorder/recorder.toml"),
        ("build/deb/man/recorder.bash", "usr/share/bash-completion/completions/recorder"),
        ("build/deb/man/recorder.zsh", "usr/share/zsh/vendor-completions/_recorder"),
        ("build/deb/man/recorder.fish", "usr/share/fish/vendor_completions.d/recorder.fish"),
    ):
        put(tree / target, (ROOT / source).read_text())
    for page in (BUILD / "man").glob("*.[158]"):
        compressed(tree / f"usr/share/man/man{page.suffix[1:]}/{page.name}.gz", page.read_bytes())


def install_documents(tree: Path) -> None:
    """What Debian asks every package for."""
    at = tree / "usr/share/doc" / tree.name
    put(at / "copyright", "".join(copyright_of(tree / SITE)))
    when = subprocess.check_output(["git", "log", "-1", "--format=%aD"], cwd=ROOT, text=True).strip()
    entry = f"{tree.name} ({version()}) stable; urgency=medium\n\n  * See CHANGELOG.md of the project.\n\n"
    author = " -- the recorder authors <maintainers@recorder.invalid>  "
    compressed(at / "changelog.gz", f"{entry}{author}{when}\n".encode())
    overrides = ROOT / f"packages/debian/{tree.name}.overrides"
    if overrides.exists():
        put(tree / "usr/share/lintian/overrides" / tree.name, overrides.read_text())


def copyright_of(site: Path) -> Iterator[str]:
    """Our licence, and those of what is in the tree."""
    yield f"The recorder:\n\n{(ROOT / 'LICENSE').read_text()}\n"
    for metadata in sorted(site.glob("*.dist-info/METADATA")):
        licences = [file for file in sorted(metadata.parent.rglob("*LICEN*")) if file.is_file()]
        if not metadata.parent.name.startswith("recorder-"):
            yield from (f"\n{metadata.parent.name}:\n\n{told(file)}\n" for file in licences)


def told(licence: Path) -> str:
    """Its text, or where Debian keeps it."""
    text = licence.read_text(errors="replace")
    is_apache = "Apache License" in text and "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    return f"Apache License, Version 2.0: {APACHE}\n" if is_apache else text


def build(tree: Path, control: str, out: Path) -> Path:
    """The package of a tree, all of it root's."""
    size = sum(file.lstat().st_size for file in tree.rglob("*") if not file.is_dir()) // 1024
    fields = {
        "version": version(),
        "architecture": architecture(),
        "size": size,
        "python": PYTHON,
        "next_python": f"3.{int(PYTHON.partition('.')[2]) + 1}",
        "libc": LIBC,
    }
    about = tree / "DEBIAN"
    put(about / "control", (ROOT / "packages/debian" / control).read_text().format(**fields))
    if control == "control":
        put(about / "conffiles", "/etc/recorder/recorder.toml\n")
        for script in ("postinst", "prerm", "postrm"):
            put(about / script, (ROOT / "packages/debian" / script).read_text(), 0o755)
    for directory in (each for each in (tree, *tree.rglob("*")) if each.is_dir() and not each.is_symlink()):
        directory.chmod(0o755)
    out.mkdir(parents=True, exist_ok=True)
    package = out / f"{tree.name}_{version()}_{architecture()}.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Zxz", "-z3", "--build", str(tree), str(package)], check=True, stdout=2
    )
    return package


def version() -> str:
    """The project's own."""
    found = re.search(r'__version__ = "([^"]+)"', (ROOT / "recorder/__init__.py").read_text())
    assert found is not None
    return found.group(1)


def architecture() -> str:
    """Debian's word for this machine."""
    return subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip()


def pip(*words: str) -> None:
    """Run pip with the system's interpreter, in an environment of its own."""
    python = BUILD / "venv/bin/python"
    if not python.exists():
        subprocess.run([SYSTEM_PYTHON, "-m", "venv", str(python.parents[1])], check=True)
    subprocess.run([str(python), "-m", "pip", "-q", "--disable-pip-version-check", *words], check=True, stdout=2)


def put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file of the tree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


def compressed(path: Path, data: bytes) -> None:
    """Write it as gzip does with -9n."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, 9, mtime=0))
    path.chmod(0o644)


if __name__ == "__main__":
    os.umask(0o022)
    parser = argparse.ArgumentParser(prog="python -m packages.deb", description="Build the Debian packages.")
    parser.add_argument("out", type=Path)
    parser.add_argument("--wheel", type=Path)
    parser.add_argument("--only", choices=("recorder", "recorder-mp4"))
    args = parser.parse_args()
    main(args.out.absolute(), args.wheel, args.only)

"""docs/architecture.md speaks of the rooms and the names that are there."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/architecture.md").read_text()
SOURCE = "\n".join(
    path.read_text()
    for folder in ("recorder", "ext")
    for path in (ROOT / folder).rglob("*.py*")
    if path.suffix in {".py", ".pyi"}
)


def test_the_rooms_are_those_of_the_import_contract_in_its_order() -> None:
    [contract] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert re.findall(r"^\| `recorder/(\w+)(?:\.py)?` \|", PAGE, re.MULTILINE) == contract["layers"]


def test_names_are_those_of_the_code() -> None:
    named = set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", PAGE)) | set(re.findall(r"\b([a-z_]+)\(", PAGE))
    foreign = {"PortAudio"}
    missing = {name for name in named - foreign if not re.search(rf"(class|def) {name}\b|\b{name}( =|:)", SOURCE)}
    assert missing == set()

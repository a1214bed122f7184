"""The machine is pure: what its room imports can neither wait, nor look at a clock, nor touch a file."""

import ast
from pathlib import Path

import recorder.recording

ROOM = Path(recorder.recording.__file__).parent
ALLOWED = {"bisect", "collections.abc", "dataclasses", "decimal", "enum", "operator", "typing"}
OF_A_COMMAND = {"sys"}  # diagram.py writes its page


def imports(source: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name for name in found if not name.startswith(("recorder.recording.", "recorder.contract."))}


def test_room_imports_only_what_computes() -> None:
    for source in ROOM.glob("*.py"):
        assert imports(source) <= ALLOWED | (OF_A_COMMAND if source.stem == "diagram" else set()), source.name

"""The house rule on sizes: a file under 400 lines, a function under 60; median file under 150."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in ROOT.glob("recorder/**/*.py") if path.name != "__init__.py")


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short_and_so_are_its_functions(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    long = [f.name for f in functions(ast.parse(text)) if (f.end_lineno or 0) - f.lineno + 1 > 60]
    assert long == []


def test_median_file_is_under_150_lines() -> None:
    assert statistics.median(len(path.read_text().splitlines()) for path in SOURCES) < 150


def test_every_core_source_is_short() -> None:
    long = [
        str(path.relative_to(ROOT))
        for pattern in ("ext/src/*.c", "ext/include/*.h", "ext/*.pyx")
        for path in ROOT.glob(pattern)
        if len(path.read_text().splitlines()) > 400 and "generated" not in path.read_text()[:400]
    ]
    assert long == []

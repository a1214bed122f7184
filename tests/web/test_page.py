"""The page fits the window, whatever stands in it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from tests.fixtures.chromium import CHROMIUM, MISSING, dom_of

PAGE = (files("recorder.bridge.http") / "web" / "status.html").read_text(encoding="utf-8")
MEASURED = "<script>document.title = document.documentElement.scrollWidth - innerWidth</script>"


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_the_longest_ids_do_not_widen_it(tmp_path: Path) -> None:
    row = "".join(f"<td>{text}</td>" for text in ("l" * 32, "in order", "c" * 128, "k" * 128 + ": recording"))
    page = re.sub("<script>.*</script>", MEASURED, PAGE, flags=re.DOTALL).replace("</tbody>", f"<tr>{row}</tr></tbody>")
    (tmp_path / "page.html").write_text(page)
    assert "<title>0</title>" in dom_of((tmp_path / "page.html").as_uri(), tmp_path / "profile")

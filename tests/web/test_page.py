"""The page fits the window, whatever stands in it."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from tests.fixtures.chromium import CHROMIUM, MISSING, dom_of

PAGE = (files("recorder.bridge.http") / "web" / "status.html").read_text(encoding="utf-8")
MEASURED = "<script>document.title = document.documentElement.scrollWidth - innerWidth</script>"
ANSWERS = """<script>{
const answers = {
  "/readyz": "store: ok\\nline front: ok\\nline back: no audio\\nmqtt: ok\\n",
  "/api/v1/lines": '{"lines": [{"line": "front", "call": null, "recordings": []}]}',
  "/api/v1/health": '{"lines": {"front": {"up": true, "troubles": []}}}',
};
let asked = 0, turns = 0;
const after = setTimeout;
window.setTimeout = window.setInterval = (turn) => { if (turns++ < 1) after(turn, 100); };
window.fetch = async (path) => {
  if (++asked > 3 * ANSWERED) throw new TypeError("Failed to fetch");
  return new Response(answers[path]);
};
}</script>"""


def shown(folder: Path, answered: int) -> str:
    """What stands on the page once it has asked twice, and was answered so often."""
    page = PAGE.replace("</head>", ANSWERS.replace("ANSWERED", str(answered)) + "</head>")
    (folder / "page.html").write_text(page)
    dom = dom_of((folder / "page.html").as_uri(), folder / "profile")
    return re.sub("<script>.*?</script>", "", dom, flags=re.DOTALL)


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_a_service_that_is_gone_is_told_above_all_and_nothing_stays_in_order(tmp_path: Path) -> None:
    text = shown(tmp_path, answered=1)
    assert "front" not in text
    assert text.index("Failed to fetch") < text.index("<table")


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_lines_stay_while_the_service_answers(tmp_path: Path) -> None:
    text = shown(tmp_path, answered=2)
    assert "store: ok\nline back: no audio\nmqtt: ok\n" in text
    assert "<td>in order</td>" in text
    assert "Failed" not in text


@pytest.mark.skipif(CHROMIUM is None, reason=MISSING)
def test_the_longest_ids_do_not_widen_it(tmp_path: Path) -> None:
    row = "".join(f"<td>{text}</td>" for text in ("l" * 32, "in order", "c" * 128, "k" * 128 + ": recording"))
    page = re.sub("<script>.*</script>", MEASURED, PAGE, flags=re.DOTALL).replace("</tbody>", f"<tr>{row}</tr></tbody>")
    (tmp_path / "page.html").write_text(page)
    assert "<title>0</title>" in dom_of((tmp_path / "page.html").as_uri(), tmp_path / "profile")

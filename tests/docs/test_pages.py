"""Pages are whole: their code has a language, their links lead somewhere, their index knows them."""

import re
import unicodedata
from pathlib import Path

import pytest

from recorder.cli.main import COMMANDS
from tests.docs.blocks import PAGES, ROOT, all_blocks, blocks, prose
from tests.docs.stand_ins import STAND_INS

# Of each, the test that judges it.
LANGUAGES = {
    "sh": "test_commands",
    "toml": "test_configurations",
    "json": "test_configurations",
    "yaml": "test_configurations",
    "ini": "test_configurations",
    "alsa": "test_configurations",
    "baresip": "test_configurations",
    "asterisk": "test_configurations",
    "mosquitto": "test_configurations",
    "python": "test_commands, test_configurations",
    "mermaid": "tests/recording/test_diagram",
    "text": "for the eye",
}


@pytest.mark.parametrize("page", PAGES)
def test_code_is_fenced_and_its_language_judged(page: str) -> None:
    assert [str(block) for block in blocks(page) if block.language not in LANGUAGES] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"https?://", link):
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        assert not anchor or anchor in anchors(target), f"{page}: {link}"


def anchors(page: Path) -> set[str]:
    """Of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", unicodedata.normalize("NFC", each).lower()).replace(" ", "-") for each in headings}


def test_the_index_knows_every_page() -> None:
    index = (ROOT / "docs/README.md").read_text()
    assert [page for page in PAGES if page.startswith("docs/") and f"({page.removeprefix('docs/')})" not in index] == [
        "docs/README.md"
    ]


@pytest.mark.parametrize("page", PAGES)
def test_commands_named_in_the_text_are_there(page: str) -> None:
    named = set(re.findall(r"`recorder ([a-z][a-z-]*)", prose(page)))
    assert named <= set(COMMANDS)


@pytest.mark.parametrize("page", PAGES)
def test_tests_and_modules_named_are_there(page: str) -> None:
    for path in re.findall(r"(?<!/)\b((?:tests|recorder|packages|demo|systemd|ext)/[\w/.-]*\w(?:\.\w+)?)", prose(page)):
        assert (ROOT / path).exists() or list(ROOT.glob(f"{path}*")), f"{page}: {path}"
    for module in re.findall(r"-m (bench\.\w+)", prose(page)):
        assert (ROOT / f"{module.replace('.', '/')}.py").exists(), f"{page}: {module}"


def test_each_stand_in_stands_for_a_command_of_the_pages() -> None:
    shown = "\n".join(block.text for block in all_blocks("sh"))
    assert [name for name in STAND_INS if not re.search(rf"(^|[\s/]){name}\s", shown)] == []

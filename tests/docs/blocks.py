"""The code blocks of the project's pages, and what the pages point to."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("ext/*.md"))
    if page.name != "CHANGELOG.md"
)


@dataclass(frozen=True)
class Block:
    """A fenced block: the page and line where it begins, its language, its text."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, and as one of language "" each line of indented code."""
    found, inside = [], None
    for number, line in enumerate((ROOT / page).read_text().splitlines(), 1):
        if line.lstrip().startswith("```"):
            if inside is None:
                inside = (number, line.strip().removeprefix("```"), [])
            else:
                found.append(Block(page, inside[0], inside[1], "\n".join(inside[2]) + "\n"))
                inside = None
        elif inside is not None:
            inside[2].append(line)
        elif line.startswith("    "):
            found.append(Block(page, number, "", line))
    return found


def all_blocks(*languages: str) -> list[Block]:
    """Of all pages, those in these languages."""
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def prose(page: str) -> str:
    """A page without its blocks."""
    return re.sub(r"^ *```.*?^ *```$", "", (ROOT / page).read_text(), flags=re.MULTILINE | re.DOTALL)

"""What `recorder serve` does with its options."""

import argparse
from pathlib import Path

import pytest

from recorder.cli import serve
from recorder.service import serve as service


@pytest.mark.parametrize(
    ("words", "journal", "printed"),
    [([], False, True), ([], True, False), (["--print-events"], True, True), (["--no-print-events"], False, False)],
)
def test_events_are_printed_but_not_into_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], journal: bool, printed: bool
) -> None:
    asked = []
    monkeypatch.setattr(service, "run", lambda _config, *, print_events, **_: asked.append(print_events) or 0)
    if journal:
        monkeypatch.setenv("JOURNAL_STREAM", "8:1")
    else:
        monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    config = tmp_path / "recorder.toml"
    config.write_text('node_id = "box"\n')
    assert serve.run(argparse.ArgumentParser(), ["--config", str(config), *words]) == 0
    assert asked == [printed]

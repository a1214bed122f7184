"""The page of the machine's states says what its table says."""

import runpy
from pathlib import Path

import pytest

from recorder.recording.diagram import page

PAGE = Path(__file__).parents[2] / "docs" / "recording-machine.md"


def test_page_is_the_table() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), (
        "python -m recorder.recording.diagram > docs/recording-machine.md"
    )


@pytest.mark.filterwarnings("ignore:.*found in sys.modules.*:RuntimeWarning")
def test_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_module("recorder.recording.diagram", run_name="__main__")
    assert capsys.readouterr().out == page()

"""Fixtures of the commands' tests."""

from collections.abc import Callable, Iterator

import pytest

from recorder.cli.main import main
from tests.cli.fake import Fake, serving

ID = "01a20971-b7aa-79d3-842d-59de9f9a03cb"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fake]:
    monkeypatch.delenv("RECORDER_TOKEN", raising=False)
    with serving() as fake:
        fake.answers["GET /api/v1/lines"] = (200, {"lines": [a_line("front"), a_line("back")]})
        yield fake


@pytest.fixture
def shell(fake: Fake, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, list[str], list[str]]]:
    """Run a command against the fake; its status, and the lines of stdout and stderr."""

    def run(*arguments: str) -> tuple[int, list[str], list[str]]:
        try:
            status = main([arguments[0], "--url", fake.url, *arguments[1:]])
        except SystemExit as ended:
            status = int(ended.code or 0)
        told = capsys.readouterr()
        return status, told.out.splitlines(), told.err.splitlines()

    return run


def a_line(name: str, *control_ids: str) -> dict[str, object]:
    recordings = [{"control_id": each, "recording_id": ID, "state": "recording", "since": 1.0} for each in control_ids]
    return {"line": name, "timestamp": 5.0, "call": None, "recordings": recordings, "up": True}

"""The catalogue: an erasing that was cut short is finished at the next start."""

import pytest

from recorder.bridge.catalogue import Catalogue
from recorder.contract.faults import Refused
from recorder.store import erasing, recordings
from recorder.store.recordings import Ending, Recording
from recorder.store.store import Store

ID = "01a20966-45f8-705b-9ad2-7b2ef57791eb"


@pytest.fixture
async def store(tmp_path):
    opened = await Store.open(tmp_path / "recorder.db", pytest.fail)
    yield opened
    await opened.close()


@pytest.fixture
async def audio(store, tmp_path):
    """The file of a recording that has ended."""
    path = tmp_path / f"{ID}.wav"
    path.write_bytes(b"audio")
    path.with_suffix(".json").write_text("{}")
    ending = Ending("finished", "max_length", 2.0, 1.0, 5, kept=True, final_event='{"params": {}}')

    def add(connection):
        row = Recording(
            ID,
            "front",
            "call",
            "control",
            "wav",
            "speak",
            stereo=False,
            rate=8000,
            channels=1,
            created_at=1.0,
            path=str(path),
        )
        recordings.add(connection, row)
        recordings.end(connection, ID, ending)

    await store.run(add)
    return path


async def test_a_kill_between_the_row_and_the_files_leaves_no_files(store, audio):
    await store.run(lambda connection: erasing.erase(connection, ID, at=1.0, why="asked"))
    assert audio.exists()
    catalogue = Catalogue(store)
    await catalogue.finish_erasing()
    assert not audio.exists()
    assert not audio.with_suffix(".json").exists()
    assert (await catalogue.find(ID)).path is None


async def test_files_that_cant_be_deleted_are_tried_again(store, audio, caplog):
    audio.unlink()
    (audio / "in the way").mkdir(parents=True)
    catalogue = Catalogue(store)
    await catalogue.erase(ID, "asked")
    assert "cannot erase" in caplog.text
    with pytest.raises(Refused, match="no recording"):
        await catalogue.erase(ID, "again")
    (audio / "in the way").rmdir()
    audio.rmdir()
    await catalogue.finish_erasing()
    assert (await catalogue.find(ID)).path is None

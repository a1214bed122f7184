import errno
import json
import os
import stat

import pytest

from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.sidecar import sidecar

EVENT = {
    "event_type": "calling.call.record",
    "event_id": "e",
    "params": {
        "recording_id": "r",
        "state": "finished",
        "url": "https://box/recordings/r.wav?exp=1&sig=secret",
        "record": {"url": "https://box/recordings/r.wav?exp=1&sig=secret", "duration": 1.5, "size": 24044},
    },
}


@pytest.fixture
def path(tmp_path):
    (tmp_path / "r.wav.part").write_bytes(b"audio")
    return tmp_path / "r.wav"


def names(path):
    return sorted(file.name for file in path.parent.iterdir())


def test_the_sidecar_holds_all_but_urls():
    content = sidecar(EVENT, {"terminators": "#", "status_url": "http://x/"}, {"caller": "Zoë"}, exp=1700000000)
    assert "sig=secret" not in json.dumps(content)
    assert content["event"]["params"] == {
        "recording_id": "r",
        "state": "finished",
        "record": {"duration": 1.5, "size": 24044},
    }
    assert (content["parameters"]["status_url"], content["metadata"]) == ("http://x/", {"caller": "Zoë"})
    assert content["exp"] == 1700000000
    assert "exp" not in sidecar(EVENT, {}, {})
    assert "url" in EVENT["params"]


def test_file_and_sidecar_stand_under_their_names(path):
    content = sidecar(EVENT, {"terminators": "#"}, {"caller": "Zoë \ud800"})
    seal(path, content)
    assert names(path) == ["r.json", "r.wav"]
    assert path.read_bytes() == b"audio"
    assert json.loads((path.parent / "r.json").read_text()) == content
    assert stat.S_IMODE((path.parent / "r.json").stat().st_mode) == 0o640


def test_sealing_again_changes_nothing_and_renews_a_sidecar_that_is_gone(path):
    seal(path, {"a": 1})
    (path.parent / "r.json").unlink()
    seal(path, {"a": 1})
    assert names(path) == ["r.json", "r.wav"]
    assert path.read_bytes() == b"audio"


def test_without_a_sidecar_there_is_the_file_alone(path):
    seal(path)
    assert names(path) == ["r.wav"]


def test_a_part_that_never_was_is_a_fault(tmp_path):
    with pytest.raises(WriteError, match=r"cannot finish .*r\.wav: No such file"):
        seal(tmp_path / "r.wav")


def test_another_s_file_is_not_replaced_unless_told(path):
    path.write_bytes(b"another's")
    with pytest.raises(WriteError, match="File exists"):
        seal(path, replace=False)
    assert (path.read_bytes(), names(path)) == (b"another's", ["r.wav", "r.wav.part"])
    seal(path)
    assert (path.read_bytes(), names(path)) == (b"audio", ["r.wav"])


@pytest.mark.parametrize("links", [True, False])
def test_the_first_of_its_name_needs_no_telling(path, monkeypatch, links):
    if not links:

        def link(*_args, **_options):
            raise OSError(errno.EPERM, os.strerror(errno.EPERM))

        monkeypatch.setattr(os, "link", link)
    seal(path, replace=False)
    assert (path.read_bytes(), names(path)) == (b"audio", ["r.wav"])


def test_without_hard_links_another_s_file_stays_too(path, monkeypatch):
    def link(*_args, **_options):
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    monkeypatch.setattr(os, "link", link)
    path.write_bytes(b"another's")
    with pytest.raises(WriteError, match="File exists"):
        seal(path, replace=False)
    assert path.read_bytes() == b"another's"


def test_a_sidecar_that_cannot_be_written_keeps_no_audio_from_its_name(path, monkeypatch):
    real = os.fsync

    def full(fd):
        if stat.S_ISREG(os.fstat(fd).st_mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(fd)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteError, match=r"sidecar .* No space left") as caught:
        seal(path, {"a": 1})
    assert caught.value.reason == "disk_full"
    assert names(path) == ["r.wav"]
    monkeypatch.undo()
    seal(path, {"a": 1})
    assert names(path) == ["r.json", "r.wav"]


def test_names_come_to_the_disk_in_an_order_that_loses_nothing(path, monkeypatch):
    """Sidecar synced, then named; the audio named after it; the directory synced last."""
    steps = []

    def note(name, real):
        def noted(*args, **options):
            steps.append((name, args[-1] if name != "fsync" else stat.S_ISDIR(os.fstat(args[0]).st_mode)))
            return real(*args, **options)

        return noted

    for name in ("fsync", "replace"):
        monkeypatch.setattr(os, name, note(name, getattr(os, name)))
    seal(path, {"a": 1})
    assert steps == [
        ("fsync", False),
        ("replace", path.with_suffix(".json")),
        ("replace", path),
        ("fsync", True),
    ]

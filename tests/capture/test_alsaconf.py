"""The configuration that children open devices through."""

from pathlib import Path

import pytest

from recorder.capture import alsaconf


def test_hooks_are_left_out() -> None:
    text = 'a 1\n@hooks [\n { func load\n files [ "x" ] }\n]\npcm.x { type hw }\ncards.@hooks [ { func y } ]\n'
    assert alsaconf.without_hooks(text) == "a 1\n\npcm.x { type hw }\ncards.@hooks [ { func y } ]\n"
    assert alsaconf.without_hooks("pcm.x 1\n") == "pcm.x 1\n"


def test_given_configuration_takes_the_place_of_the_stock_one(tmp_path: Path) -> None:
    path = tmp_path / "out.conf"
    alsaconf.write(path, {"recorder_in_0": "hw:CARD=Foo,DEV=0"}, {"ALSA_CONFIG_PATH": "/a.conf:/b.conf"})
    lines = path.read_text().split("\n")
    assert lines[:2] == ["</a.conf>", "</b.conf>"]
    assert 'pcm.!recorder_in_0 "hw:CARD=Foo,DEV=0"' in lines
    assert alsaconf.ABSENT in lines


def test_stock_configuration_stands_without_hooks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stock, local = tmp_path / "alsa.conf", tmp_path / "asound.conf"
    monkeypatch.setattr(alsaconf, "STOCK", stock)
    monkeypatch.setattr(alsaconf, "LOCAL", local)
    assert alsaconf.base({}) == ""
    stock.write_text("@hooks [ ]\nstock 1\n")
    local.write_text("")
    assert alsaconf.base({}) == f"\nstock 1\n\n<{local}>\n"


@pytest.mark.parametrize("name", ["", 'a"b', "a'b", "a\\b", "a\nb", "a\0b", "a\x7fb"])
def test_name_that_cannot_be_spelled_is_refused(name: str) -> None:
    with pytest.raises(alsaconf.NameFault, match="not the name of an ALSA device"):
        alsaconf.alias("recorder_in_0", name)

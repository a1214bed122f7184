"""A recording that still grows, fetched by a browser from the box itself."""

import json
from pathlib import Path

import pytest
import requests

from tests.box import Box
from tests.fixtures.chromium import CHROMIUM, MISSING, Site, browsing
from tests.speech import speech
from tests.waiting import until
from tests.wav import write_wav

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)

PAGE = """<!doctype html><script>
const audio = new Audio(URL_OF_AUDIO);
const report = (heard) => fetch("/report", {method: "POST", body: JSON.stringify(heard)});
audio.playbackRate = 8;
audio.addEventListener("ended", () => report({duration: audio.duration, played: audio.currentTime}));
audio.addEventListener("error", () => report({error: audio.error.message}));
audio.play().catch((error) => report({error: String(error)}));
</script>"""


@pytest.mark.parametrize("name", ["wav", "mp4"])
def test_chromium_plays_what_there_is_of_a_growing_recording(tmp_path: Path, name: str) -> None:
    wav = write_wav(tmp_path / "line.wav", speech(8000, 60).tobytes())
    with Box(tmp_path, {"front": {"device": f"file:{wav}"}}) as box:
        box.start("serve")
        box.start("capture")
        url = box.until_ok({"line": "front", "record_call": {"format": name}})["url"]
        before = until(lambda: (got := requests.get(url, timeout=20)).ok and len(got.content), 20, "audio")
        page = PAGE.replace("URL_OF_AUDIO", json.dumps(url)).encode()
        with Site({"/": ("text/html", page)}) as site, browsing(site.url + "/", tmp_path / "profile"):
            heard = site.report()
        assert heard.get("error") is None
        assert heard["duration"] == pytest.approx(heard["played"], abs=0.1)
        assert heard["played"] > 0.3
        assert len(requests.get(url, timeout=20).content) > before  # it grew on

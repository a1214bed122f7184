"""What a browser makes of our files: a real Chromium plays them, and says how long they are."""

import json

import pytest

from recorder.writers import formats
from recorder.writers.snapshot import Snapshot
from recorder.writers.writer import Filing, Tags
from tests.fixtures.chromium import CHROMIUM, MISSING, Site, browsing
from tests.speech import speech

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)

SECONDS = 3.3
TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "mp4": "audio/mp4"}
PAGE = """<!doctype html><meta charset="utf-8"><script>
const come = (audio, event) => new Promise((good, bad) => {
  audio.addEventListener(event, good);
  audio.addEventListener("error", () => bad(new Error(audio.error.message)));
});
async function hear(name) {
  const audio = new Audio(name), heard = {};
  audio.playbackRate = 8;
  try {
    await come(audio, "loadedmetadata");
    heard.duration = audio.duration;
    const bytes = await (await fetch(name)).arrayBuffer();
    const decoded = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
    Object.assign(heard, {decoded: decoded.duration, channels: decoded.numberOfChannels});
    const ended = come(audio, "ended");
    await audio.play();
    await ended;
    heard.played = audio.currentTime;
  } catch (error) {
    heard.error = String(error);
  }
  return [name, heard];
}
(async () => {
  const all = Object.fromEntries(await Promise.all(NAMES.map(hear)));
  await fetch("/report", {method: "POST", body: JSON.stringify(all)});
})();
</script>"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Files of each format, whole and as they are served while they grow: name to (content type, bytes, frames)."""
    made = {}
    for name in formats.names():
        for rate, channels in ((8000, 1), (8000, 2), (48000, 2)):
            folder = tmp_path_factory.mktemp(name)
            path = folder / f"a.{name}"
            frames = speech(rate, SECONDS, channels)
            tags = Tags("a", "b", 1_764_180_000.0)
            filing = Filing(path=path, rate=rate, channels=channels, most_frames=len(frames), tags=tags)
            writer = formats.writer(name, filing)
            writer.open()
            writer.append(0, frames.tobytes())
            made[f"/{rate}-{channels}-growing.{name}"] = (TYPES[name], served(path), writer.frames / rate)
            writer.close(len(frames))
            made[f"/{rate}-{channels}.{name}"] = (TYPES[name], writer.part.read_bytes(), len(frames) / rate)
    return made


def served(path):
    """What stands in a growing file for those who fetch it now."""
    snapshot, content = Snapshot.of(path), b""
    while some := snapshot.read(len(content), 1 << 16):
        content += some
    snapshot.close()
    return content


def test_chromium_plays_every_format_at_its_length_whole_and_while_it_grows(tmp_path, files):
    pages = {name: (kind, content) for name, (kind, content, _) in files.items()}
    pages["/"] = ("text/html", PAGE.replace("NAMES", json.dumps(list(files))).encode())
    with Site(pages) as site, browsing(site.url + "/", tmp_path / "profile"):
        said = site.report()
    for name, (_, _, seconds) in files.items():
        heard, (rate, channels) = said[name], kind_of(name)
        off = 2 * 1024 / rate if name.endswith("mp4") else 0.001
        assert heard.get("error") is None, f"{name}: {heard}"
        assert heard["channels"] == channels, name
        assert heard["duration"] == pytest.approx(seconds, abs=off), name
        assert heard["played"] == pytest.approx(seconds, abs=off), name
        assert heard["decoded"] == pytest.approx(seconds, abs=off), name


def kind_of(name):
    rate, channels, *_ = name.strip("/").replace(".", "-").split("-")
    return int(rate), int(channels)

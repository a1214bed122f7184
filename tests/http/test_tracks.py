"""The route of tracks: an answer's size does not hang on how long a recording is."""

import json
from types import SimpleNamespace

from aiohttp.test_utils import make_mocked_request

from recorder.bridge.http.tracks import MOST_S, Tracks
from recorder.contract.ids import new_recording_id
from recorder.writers.track import Second, TrackHead, track_path

RATE = 100
LENGTH_S = MOST_S + 100


class Catalogue:
    """Knows one recording."""

    def __init__(self, path):
        self._path = path

    async def find(self, _recording_id):
        return SimpleNamespace(path=str(self._path), erased_at=None)


async def test_an_answer_holds_an_hour_at_most_and_says_how_long_the_whole_is(tmp_path):
    audio = tmp_path / "long.wav"
    head = TrackHead(new_recording_id(), RATE, 1, "speak")
    seconds = (Second(number, RATE, bytes(4 * 10), bytes(100)).pack(1) for number in range(LENGTH_S))
    track_path(audio).write_bytes(head.pack() + b"".join(seconds))
    tracks = Tracks(Catalogue(audio))

    async def asked(query):
        answer = await tracks.get(make_mocked_request("GET", f"/track?{query}", match_info={"id": head.recording_id}))
        told = json.loads(answer.text)
        return told["start"], len(told["channels"][0]["voice"]) / 100, told["duration"]

    assert await asked("") == (0, MOST_S, LENGTH_S)
    assert await asked(f"from=50&to={LENGTH_S}") == (50, MOST_S, LENGTH_S)
    assert await asked(f"from={MOST_S}") == (MOST_S, 100, LENGTH_S)

"""A beep is played as asked, and its end is told as the frame of the line in which it fell silent."""

import wave
from array import array
from itertools import pairwise
from pathlib import Path

import pytest

from recorder.capture.spec import LineSpec
from tests.alsa.device import AlsaLine, AlsaSpeaker, write_config
from tests.noise import noise
from tests.system.capture import Capture, heard
from tests.system.stretches import stretches
from tests.waiting import until

RATE = 8000
CLOSE = RATE * 5 // 1000  # 5 ms
TONE = {"hz": 1000, "seconds": 0.4, "dbfs": -12}


class Desk:
    """A line with a speaker, and a line without one."""

    def __init__(self, directory: Path, plugin: Path, speaker_channels: int) -> None:
        self.line = AlsaLine(directory, "line0", noise(20 * RATE))
        self.deaf = AlsaLine(directory, "line1", noise(20 * RATE))
        self.speaker = AlsaSpeaker(directory, "out", rate=RATE, channels=speaker_channels)
        lines = [LineSpec("line0", "alsa:line0", RATE, playback="alsa:out"), LineSpec("line1", "alsa:line1", RATE)]
        config = write_config(directory, plugin, [self.line, self.deaf, self.speaker])
        self.capture = Capture(directory, lines, config)

    def wait_for_audio(self) -> None:
        rings = [self.capture.ring(line) for line in ("line0", "line1")]
        until(lambda: min(ring.head for ring in rings) > RATE // 2, what="audio")

    def sound(self) -> tuple[int, "array[int]"]:
        """The first frame of the speaker that is not silent, and the samples from there to the last such one.

        Waits till the speaker has been closed, since only then is all that it played in its file.
        """
        until(lambda: not self.speaker.is_open, what="the end of the playback stream")
        samples = array("h", self.speaker.played)[:: self.speaker.channels]
        loud = [frame for frame, sample in enumerate(samples) if sample]
        return loud[0], samples[loud[0] : loud[-1] + 1]

    def line_frame_of(self, speaker_frame: int) -> float:
        """The ring's frame that was sampled when the speaker played that frame of its own."""
        (whole,) = stretches(heard(self.capture.ring("line0")), self.line.file.read_bytes(), 1)
        return self.line.frame_at(self.speaker.time_of(speaker_frame)) - whole.source_at + whole.at


@pytest.fixture
def speaker_channels() -> int:
    return 1


@pytest.fixture
def desk(shm_path: Path, alsa_plugin: Path, speaker_channels: int) -> Desk:
    return Desk(shm_path, alsa_plugin, speaker_channels)


@pytest.mark.parametrize("speaker_channels", [1, 2])
def test_tone_has_its_pitch_level_and_length_and_its_end_is_told(desk: Desk) -> None:
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:
            talk.say(play={"line": "line0", "tone": TONE})
            started, ended = talk.answer(), talk.answer()
        first, tone = desk.sound()
        assert abs(len(tone) - 0.4 * RATE) <= 4
        crossings = sum((one < 0) != (two < 0) for one, two in pairwise(tone))
        assert abs(crossings - 800) <= 2
        assert abs(max(tone) - 32768 * 10 ** (-12 / 20)) < 100
        assert abs(started["started"] - desk.line_frame_of(first)) <= CLOSE
        assert abs(ended["ended"] - desk.line_frame_of(first + len(tone))) <= CLOSE
        assert desk.speaker.overruns == 0


def test_file_is_played_bit_for_bit(desk: Desk, tmp_path: Path) -> None:
    sound = noise(RATE // 2)
    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound)
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:
            talk.say(play={"line": "line0", "file": str(path)})
            started, ended = talk.answer(), talk.answer()
        assert desk.sound()[1].tobytes() == sound
        assert abs(ended["ended"] - started["started"] - RATE // 2) <= CLOSE


def test_stop_cuts_a_tone_short(desk: Desk) -> None:
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:
            talk.say(play={"line": "line0", "tone": TONE | {"seconds": 5.0}})
            started = talk.answer()["started"]
            until(lambda: capture.ring("line0").head > started)
            talk.say(stop={"line": "line0"})
            assert talk.answer() == {"stopped": "line0"}
            ended = talk.answer()["ended"]
        first, tone = desk.sound()
        assert len(tone) < 4 * RATE
        assert abs(ended - desk.line_frame_of(first + len(tone))) <= CLOSE


def test_line_without_a_speaker_says_so(desk: Desk) -> None:
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:
            talk.say(play={"line": "line1", "tone": TONE})
            assert "line1" in talk.answer()["error"]


def test_unplugged_speaker_is_an_error_until_it_is_back(desk: Desk) -> None:
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:

            def plays() -> bool:
                talk.say(play={"line": "line0", "tone": TONE})
                return "started" in talk.answer()

            desk.speaker.unplug()
            assert not plays()
            desk.speaker.plug()
            until(plays, what="a speaker that was plugged in again")
            assert "ended" in talk.answer()
        assert capture.ring("line0").gaps() == []


def test_tones_that_are_asked_for_at_once_sound_one_after_the_other(desk: Desk) -> None:
    with desk.capture as capture:
        desk.wait_for_audio()
        with capture.talk() as talk:
            talk.say(play={"line": "line0", "tone": TONE})
            talk.say(play={"line": "line0", "tone": TONE})
            (_, first), (second, end) = [(talk.answer()["started"], talk.answer()["ended"]) for _ in range(2)]
        assert first < second < end
        until(lambda: not desk.speaker.is_open, what="the end of the playback stream")
    loud = [frame for frame, sample in enumerate(array("h", desk.speaker.played)) if sample]
    assert sum(two - one > RATE // 100 for one, two in pairwise(loud)) == 1
    assert abs(len(loud) - 2 * 0.75 * 0.4 * RATE) <= 8  # a quarter of the samples of 1000 Hz are zero crossings

"""What a recording of the programme shows: level of the tone, silence, digits, speech."""

import array
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recorder._dsp import voice_threshold
from recorder.service.checkup.finding import Finding
from recorder.service.selftest import programme

WINDOW_S = 0.05
LEAST_TONE_DBFS, MOST_TONE_DBFS = -45.0, -3.0
QUIETER_DB = 20.0  # than the tone silence is to be
SENSITIVITY = 44.0  # the contract's default
HEARD_BLOCKS = 5  # of 10 ms with speech, from which on a burst counts as heard
LEAST_BURSTS = 2
MOST_SILENT = 0.1  # the share of silence in which speech may be heard


def judge(frames: bytes, rate: int, track: Mapping[str, Any]) -> Iterator[Finding]:
    """`frames`: mono s16le of the recording; `track`: what the service heard in it, as the API tells it."""
    sound = array.array("h", frames)
    if sys.byteorder == "big":
        sound.byteswap()
    began_s = _tone_begins(sound, rate)
    if began_s is None:
        advice = "is what `playback` plays what `device` hears? Look at the loop, mutes and volumes"
        yield Finding("level", "fault", f"the tone of {programme.TONE_HZ:g} Hz is not in the recording", advice)
        return
    tone_dbfs = _level(sound, rate, began_s + 0.1, began_s + programme.TONE[1] - 0.1)
    yield _level_finding(tone_dbfs)
    yield _silence(sound, rate, began_s, tone_dbfs)
    yield _digits(track)
    yield _speech(track, began_s)


def _level_finding(tone_dbfs: float) -> Finding:
    gain = tone_dbfs - (programme.TONE_DBFS - 3.01)
    detail = f"tone at {tone_dbfs:.1f} dBFS RMS, {gain:+.1f} dB from what was played"
    if LEAST_TONE_DBFS <= tone_dbfs <= MOST_TONE_DBFS:
        return Finding("level", "ok", detail)
    return Finding("level", "fault", detail, "set the card's playback and capture volumes: alsamixer")


def _silence(sound: Sequence[int], rate: int, began_s: float, tone_dbfs: float) -> Finding:
    loudest = max(_level(sound, rate, began_s + first, began_s + end) for first, end in programme.SILENCES)
    detail = f"at most {loudest:.1f} dBFS" if loudest > -math.inf else "digital"
    if loudest <= tone_dbfs - QUIETER_DB:
        return Finding("silence", "ok", detail)
    return Finding("silence", "fault", f"{detail}, not {QUIETER_DB:g} dB below the tone", "look for noise, hum or echo")


def _digits(track: Mapping[str, Any]) -> Finding:
    heard = "".join(each["digit"] for each in track["digits"])
    if heard == programme.DIGITS:
        return Finding("digits", "ok", heard)
    advice = "look at levels, and for clipping or gaps"
    return Finding("digits", "fault", f"heard {heard or 'none'} of {programme.DIGITS}", advice)


def _speech(track: Mapping[str, Any], began_s: float) -> Finding:
    voice = track["channels"][0]["voice"]
    bursts = [_voiced(voice, began_s + at_s, began_s + at_s + programme.BURST_S) for at_s in programme.BURSTS]
    heard = sum(sum(blocks) >= HEARD_BLOCKS for blocks in bursts)
    silences = [_voiced(voice, began_s + first, began_s + end) for first, end in programme.SILENCES]
    silent = max(sum(blocks) / max(1, len(blocks)) for blocks in silences)
    detail = f"heard in {heard} of {len(bursts)} bursts, and in {silent:.0%} of the silence"
    if heard >= LEAST_BURSTS and silent <= MOST_SILENT:
        return Finding("speech", "ok", detail)
    return Finding("speech", "fault", detail, "look at levels and noise, and at input_sensitivity")


def _voiced(voice: Sequence[int], first_s: float, end_s: float) -> list[bool]:
    least = voice_threshold(SENSITIVITY)
    return [each >= least for each in voice[round(first_s * 100) : round(end_s * 100)]]


def _tone_begins(sound: Sequence[int], rate: int) -> float | None:
    """Where most of a second is the tone: the second of the file."""
    size = round(WINDOW_S * rate)
    is_tone = [_is_tone(sound[at : at + size], rate) for at in range(0, len(sound) - size, size)]
    wanted = round(0.8 / WINDOW_S)
    for first in range(len(is_tone) - wanted + 1):
        if all(is_tone[first : first + wanted]):
            return first * WINDOW_S
    return None


def _is_tone(window: Sequence[int], rate: int) -> bool:
    step = math.tau * programme.TONE_HZ / rate
    re = sum(sample * math.cos(step * n) for n, sample in enumerate(window))
    im = sum(sample * math.sin(step * n) for n, sample in enumerate(window))
    power = sum(sample * sample for sample in window)
    return power / len(window) > 100 and 2 * (re * re + im * im) > 0.8 * power * len(window)


def _level(sound: Sequence[int], rate: int, first_s: float, end_s: float) -> float:
    window = sound[round(first_s * rate) : round(end_s * rate)]
    power = sum(sample * sample for sample in window) / max(1, len(window))
    return 10 * math.log10(power) - 20 * math.log10(32768) if power else -math.inf

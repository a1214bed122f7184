"""A track as a terminal shows it: a line of bars for each minute of each channel, with speech told apart."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from recorder.cli.printing import length

BARS = " ▁▂▃▄▅▆▇█"
SPEECH = 128  # of 255, from which a second's loudest voice is drawn as speech
PER_LINE_S = 60
FULL_SCALE = 32768
FLOOR_DB = 6.02 * 10  # a bar of no height: some 60 dB below full scale


def drawn(pieces: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of text."""
    first = True
    for piece in pieces:
        if first:
            yield f"{piece['recording_id']}  {length(piece['duration'])}  {piece['rate']} Hz"
            yield "a column is a second: its loudest sample, and below it where there was speech"
        first = False
        for channel in piece["channels"]:
            yield from _channel(channel, piece)
        yield from _marks(piece)


def _channel(channel: Mapping[str, Any], piece: Mapping[str, Any]) -> Iterator[str]:
    peaks, voice = piece["peaks_per_second"], piece["voice_per_second"]
    tops = [max(-low, high) for low, high in channel["peaks"]]
    loud = [max(tops[at : at + peaks]) for at in range(0, len(tops), peaks)]
    said = [max(channel["voice"][at : at + voice], default=0) for at in range(0, len(channel["voice"]), voice)]
    for at in range(0, len(loud), PER_LINE_S):
        bars = "".join(map(_bar, loud[at : at + PER_LINE_S]))
        speech = "".join("·" if each >= SPEECH else " " for each in said[at : at + PER_LINE_S])
        yield f"{channel['party']:>6} {length(piece['start'] + at):>8} │{bars}"
        yield f"{'':>6} {'':>8} │{speech}".rstrip()


def _bar(sample: int) -> str:
    """Louder is higher, each step as many dB as the next; bits are a logarithm that needs no table."""
    decibels_down = 6.02 * (16 - sample.bit_length())
    height = round((1 - decibels_down / FLOOR_DB) * (len(BARS) - 1)) if sample else 0
    return BARS[min(max(height, 0), len(BARS) - 1)]


def _marks(piece: Mapping[str, Any]) -> Iterator[str]:
    told = [(mark["at"], f"digit {mark['digit']}, {mark['party']}") for mark in piece["digits"]]
    told += [(mark["start"], f"pause of {length(mark['duration'])}, {mark['behavior']}") for mark in piece["pauses"]]
    told += [(mark["start"], f"gap of {length(mark['duration'])}") for mark in piece["gaps"]]
    for at, what in sorted(told):
        yield f"{length(at):>15}  {what}"

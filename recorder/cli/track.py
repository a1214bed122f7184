"""`recorder track`: tell what a recording's waveform is drawn from, and what is marked in it."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import Client
from recorder.cli.recording_ids import path_of, recording_id
from recorder.cli.waveform import drawn

PIECE_S = 600  # asked for at once: the track of hours has megabytes
MARKS = {"digits": "digit", "pauses": "pause", "gaps": "gap"}


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Tell it: JSON lines, on a terminal a waveform. Raises Failed."""
    parser.add_argument("recording", type=recording_id, metavar="ID", help="a recording_id")
    parser.add_argument("--from", type=_seconds, default=0, metavar="S", dest="first", help="the first second told of")
    parser.add_argument("--to", type=_seconds, metavar="S", dest="end", help="the second before which it ends")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    pieces = _pieces(client_of(args), args.recording, args.first, args.end)
    if args.json or not sys.stdout.isatty():
        for line in _lines(pieces):
            print(json.dumps(line, ensure_ascii=False))
    else:
        for text in drawn(pieces):
            print(text)
    return exits.FINISHED


def _seconds(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError("must be whole seconds")
    return int(text)


def _pieces(client: Client, name: str, first: int, end: int | None) -> Iterator[dict[str, Any]]:
    """The track, PIECE_S at a time; at least one."""
    while True:
        until = first + PIECE_S if end is None else min(end, first + PIECE_S)
        piece = client.get(f"{path_of(name)}/track", "channels", {"from": first, "to": until})
        yield piece
        first = until
        if first * piece["rate"] >= piece["frames"] or (end is not None and first >= end):
            return


def _lines(pieces: Iterator[dict[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The head; a line for each second, and one for each mark in front of the second that tells of it."""
    last: Mapping[str, Any] = {}
    for piece in pieces:
        head = {key: value for key, value in piece.items() if key not in {"channels", "start", *MARKS}}
        if not last:
            yield head
        last = head
        for kind, name in MARKS.items():
            for mark in piece[kind]:
                yield {name: mark}
        yield from _seconds_of(piece)


def _seconds_of(piece: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    peaks, voice = piece["peaks_per_second"], piece["voice_per_second"]
    seconds = -(-max((len(channel["peaks"]) for channel in piece["channels"]), default=0) // peaks)
    for second in range(seconds):
        channels = [
            {
                "party": channel["party"],
                "peaks": channel["peaks"][second * peaks : (second + 1) * peaks],
                "voice": channel["voice"][second * voice : (second + 1) * voice],
            }
            for channel in piece["channels"]
        ]
        yield {"second": piece["start"] + second, "channels": channels}

"""`recorder export ID -o FILE`: copy a recording's audio into a file."""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from recorder.cli import exits
from recorder.cli.access import add_access_options, client_of
from recorder.cli.client import Client, NoAnswer
from recorder.cli.failed import Failed
from recorder.cli.printing import Column, print_objects
from recorder.cli.recording_ids import path_of, recording_id
from recorder.service.output import unwritable
from recorder.writers.closing import seal
from recorder.writers.errors import WriteError
from recorder.writers.layout import part_of

PIECE_BYTES = 1 << 18
STDOUT = Path("-")
LIVE = ("starting", "recording", "paused")


def run(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> int:
    """Copy it: FILE is there whole, or not at all. Raises Failed."""
    parser.add_argument("recording", type=recording_id, metavar="ID", help="a recording_id")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="must not exist yet; -: stdout"
    )
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")
    add_access_options(parser)
    args = parser.parse_args(arguments)
    output, client = args.output.absolute(), client_of(args)
    if args.output == STDOUT:
        return _pass_on(client, args.recording)
    why = unwritable(output, overwrite=args.force)
    if why is not None:
        raise Failed(exits.CANT_CREATE, [why])
    found = client.get(path_of(args.recording), "format")
    count = _fetch(client, audio_of(args.recording, found), output, overwrite=args.force)
    if found.get("state") in LIVE:
        print(f"{parser.prog}: the recording goes on; FILE holds what there was of it", file=sys.stderr)
    copied = {"recording_id": args.recording, "file": str(output), "size": count}
    print_objects([copied], (Column("recording_id"), Column("file"), Column("size", "bytes")), as_json=args.json)
    return exits.FINISHED


def audio_of(recording: str, found: Mapping[str, Any]) -> str:
    """The path of a recording's audio."""
    return f"/recordings/{recording}.{found['format']}"


def _pass_on(client: Client, recording: str) -> int:
    """Write the audio, and nothing else, to standard output."""
    found = client.get(path_of(recording), "format")
    with client.open("GET", audio_of(recording, found)) as response:
        for piece in _pieces(response):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
    return exits.FINISHED


def _fetch(client: Client, target: str, output: Path, *, overwrite: bool) -> int:
    """Bring the audio into a part file, and that to its name; the bytes. Raises Failed."""
    part = part_of(output)
    if overwrite:
        part.unlink(missing_ok=True)
    with _local_faults(output):
        file = part.open("xb")
    try:
        with file:
            with client.open("GET", target) as response:
                for piece in _pieces(response):
                    with _local_faults(output):
                        file.write(piece)
            with _local_faults(output):
                file.flush()
                os.fsync(file.fileno())
            count = file.tell()
        try:
            seal(output, replace=overwrite)
        except WriteError as error:
            raise Failed(exits.IO_ERROR, [str(error)]) from error
    finally:
        part.unlink(missing_ok=True)
    return count


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    """The audio. Raises NoAnswer when it ends before its length, which a proxy may have left out for chunks."""
    while piece := response.read(PIECE_BYTES):
        yield piece
    if response.length:
        raise NoAnswer(f"the connection broke {response.length} bytes before the end")


@contextmanager
def _local_faults(output: Path) -> Iterator[None]:
    """Tell a fault of the file from one of the connection."""
    try:
        yield
    except FileExistsError as error:
        part = part_of(output)
        raise Failed(
            exits.CANT_CREATE, [f"{part} is there: of another export, or of one that was killed; --force replaces it"]
        ) from error
    except OSError as error:
        raise Failed(exits.IO_ERROR, [f"{output}: {error.strerror}"]) from error

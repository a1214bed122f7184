"""Commands given to the service, and their answers shown."""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from recorder.cli import exits
from recorder.cli.failed import Failed
from recorder.cli.printing import Column, print_objects
from recorder.cli.record_options import of_option
from recorder.cli.service import Service
from recorder.contract.bounds import CHECKS

Order: TypeAlias = tuple[str, Mapping[str, Any]]  # a line's id, and the command for it
LIVE = ("recording", "paused")
RECORDING = (Column("line"), Column("state"), Column("control_id"), Column("recording_id", whole=True))


def give(
    args: argparse.Namespace,
    service: Service,
    orders: Iterable[Order],
    columns: Sequence[Column],
    *,
    ends: bool = False,
) -> int:
    """Give commands one after another, whatever becomes of those before. Raises Failed with what was refused.

    As JSON, every answer is printed whole, beside its line. `ends`: what still lives is told as stopping.
    """
    refused: list[str] = []

    def answers() -> Iterator[Mapping[str, Any]]:
        for line, command in orders:
            answer = service.command(line, command)
            refused.extend(f"{line}: {_sentence(args, error)}" for error in answer.get("errors", ()))
            if args.json:
                yield {"line": line, **answer}
            elif "data" in answer:
                stopping = {"state": "stopping"} if ends and answer["data"].get("state") in LIVE else {}
                yield {"line": line, **answer["data"], **stopping}

    print_objects(answers(), columns, as_json=args.json)
    if refused:
        raise Failed(exits.REFUSED, refused)
    return exits.FINISHED


def _sentence(args: argparse.Namespace, error: Mapping[str, str]) -> str:
    """An error, as one of the option that it is about, if it is about one."""
    attribute, detail = error["attribute"], error["detail"]
    return of_option(attribute, detail) if attribute in CHECKS and hasattr(args, attribute) else detail

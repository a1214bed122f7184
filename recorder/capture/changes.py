"""What a new configuration changes in what is captured: pure, so that it can be judged before anything is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from recorder.capture.spec import LineSpec, Source, sources_of


@dataclass(frozen=True, slots=True)
class Changes:
    """The sources to let go of, those to take in, and of the lines wanted those that wait for a restart, with why."""

    gone: tuple[Source, ...]
    come: tuple[Source, ...]
    waiting: tuple[tuple[str, str], ...]


def changes(sources: Sequence[Source], lines: Sequence[LineSpec]) -> Changes:
    """From the sources at work to the lines that are wanted.

    A device is opened once for all its lines, and opening it anew would be a gap in every one of them. So it stays open
    while a line of it stays; a line that would change it then has to wait.
    """
    at_work = {identity(source): source for source in sources}
    wanted = {identity(source): source for source in sources_of(tuple(lines))}
    gone, come, waiting = [], [], []
    for where, source in at_work.items():
        target = wanted.pop(where, None)
        if target is None:
            gone.append(source)
            continue
        known = {bare(line) for line in source.lines}
        new = [line for line in target.lines if bare(line) not in known]
        if not new:
            continue
        if len(new) == len(target.lines):
            gone.append(source)
            come.append(target)
            continue
        staying = ", ".join(line.id for line in target.lines if line not in new)
        waiting += [(line.id, f"{line.device} is open for {staying}") for line in new]
    return Changes(tuple(gone), (*come, *wanted.values()), tuple(waiting))


def identity(source: Source) -> str:
    """What is opened: a device, or a file for one line."""
    return f"{source.spec.device} {source.spec.id}" if source.spec.is_file else source.spec.device


def bare(line: LineSpec) -> LineSpec:
    """What of a line matters to its source: where it is played to does not."""
    return replace(line, playback=None)

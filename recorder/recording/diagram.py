"""The page about the machine's states, drawn from its table: `python -m recorder.recording.diagram`."""

import sys

from recorder.recording.states import ACCEPTS, TABLE, UNBEGUN, EndReason, State

_PAGE = """\
# The states of a recording

Made from the table in `recorder/recording/states.py`, which says how the machine thinks:
`python -m recorder.recording.diagram > docs/recording-machine.md`.

```mermaid
stateDiagram-v2
{arrows}
```

{silent} come before the first frame and are never told. Of several ends at one frame, the first of these wins: {ties}.

An ended recording can still become an `error`: the writer may fail with what the machine has ended already.

| input | taken while |
|---|---|
{accepts}
"""


def page() -> str:
    """docs/recording-machine.md, whole."""
    return _PAGE.format(
        arrows="\n".join(f"    {arrow}" for arrow in _arrows()),
        silent=" and ".join(f"`{state}`" for state in State if state in UNBEGUN),
        ties=", ".join(EndReason),
        accepts="\n".join(f"| `{kind}` | {states} |" for kind, states in _takers().items()),
    )


def _arrows() -> list[str]:
    arrows = ["[*] --> beeping: with a beep", "[*] --> waiting: without"]
    for state, transitions in TABLE.items():
        steps: dict[State, list[str]] = {}
        for step, to in transitions.items():
            steps.setdefault(to, []).append(step)
        arrows += [f"{state} --> {to}: {', '.join(names)}" for to, names in steps.items()]
    return arrows


def _takers() -> dict[str, str]:
    takers: dict[str, list[str]] = {}
    for state, kinds in ACCEPTS.items():
        for kind in kinds:
            takers.setdefault(kind.__name__, []).append(state)
    return {kind: ", ".join(takers[kind]) for kind in sorted(takers)}


if __name__ == "__main__":
    sys.stdout.write(page())

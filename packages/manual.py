"""The manual pages, of the same sources as the program's help and its reference: `python -m packages.manual OUT`."""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from pathlib import Path

from packages.commands import Command, Option, commands
from recorder import __version__
from recorder.cli import exits
from recorder.config.credentials import PEM, SECRETS
from recorder.config.keys import BOUNDS_KEYS, KEYS, LINE_KEYS, TABLES, TOKEN_KEYS, Key
from recorder.config.model import BoundsConfig, Config, LineConfig, TokenConfig

SERVICE = ("capture", "serve", "init", "check-config")  # the administrator's
UNITS = "recorder.service, recorder-capture.service"


def main(out: Path) -> None:
    """Write all pages into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    for name, lines in pages().items():
        (out / name).write_text("\n".join(lines) + "\n")


def pages() -> dict[str, list[str]]:
    """The pages' lines, by file name."""
    known = commands()
    return {
        "recorder.1": list(program([each for each in known if each.name not in SERVICE])),
        "recorder.8": list(service([each for each in known if each.name in SERVICE])),
        "recorder.toml.5": list(configuration()),
    }


def escaped(text: str) -> str:
    """Text that roff leaves alone, code in it in bold."""
    text = re.sub(r"\[([^]]+)\]\([^)]+\)", r"\1", text)  # a link of the reference
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = re.sub(r"`([^`]+)`", r"\\fB\1\\fR", text)
    return f"\\&{text}" if text.startswith((".", "'")) else text


def head(title: str, section: int, about: str) -> Iterator[str]:
    """The beginning of a page."""
    yield f'.TH "{title.upper()}" {section} "" "recorder {__version__}" "recorder"'
    yield from (".SH NAME", f"{escaped(title)} \\- {escaped(about)}")


def program(known: Sequence[Command]) -> Iterator[str]:
    """recorder(1)."""
    yield from head("recorder", 1, "a call recorder for SIP gateways")
    yield from (".SH SYNOPSIS", ".B recorder", "\\fICOMMAND\\fR [\\fIOPTION\\fR...]", ".SH DESCRIPTION")
    yield escaped(
        "Records one input by itself (`recorder record`), or commands and looks at the service of a box, over HTTP or "
        "MQTT. The service and its configuration are in recorder(8) and recorder.toml(5)."
    )
    yield ".SH COMMANDS"
    for command in known:
        yield from described(command)
    yield from statuses()
    yield from (".SH SEE ALSO", "recorder(8), recorder.toml(5)")


def service(known: Sequence[Command]) -> Iterator[str]:
    """recorder(8)."""
    yield from head("recorder", 8, "the service of a box")
    yield from (".SH SYNOPSIS", ".B systemctl start recorder", ".SH DESCRIPTION")
    yield escaped(
        f"Two processes, {UNITS}: `recorder capture` fills rings in memory with the audio of all lines, `recorder "
        "serve` records from them. Each goes on without the other; what is started again within ring_seconds "
        "loses nothing."
    )
    yield ".SH COMMANDS"
    for command in known:
        yield from described(command)
    yield ".SH SIGNALS"
    yield from entry("SIGTERM, SIGINT", "stop in order; what is live goes on after the next start")
    yield from entry("SIGHUP", "read the configuration anew; log and status name what waits for a restart")
    yield ".SH FILES"
    yield from entry("/etc/recorder/recorder.toml, /etc/recorder/conf.d/*.toml", "the configuration")
    yield from entry("/etc/recorder/credentials/", "secrets, a file each, for the service alone")
    yield from entry("/var/lib/recorder/", "database, recordings, certificates")
    yield from entry("/run/recorder/, /run/recorder-capture/", "checkpoints and control socket; the rings")
    yield from statuses()
    yield from (".SH SEE ALSO", "recorder(1), recorder.toml(5), systemctl(1), journalctl(1)")


def configuration() -> Iterator[str]:
    """recorder.toml(5)."""
    yield from head("recorder.toml", 5, "the configuration of a recorder")
    yield from (".SH SYNOPSIS", "/etc/recorder/recorder.toml", ".br", "/etc/recorder/conf.d/*.toml", ".SH DESCRIPTION")
    yield escaped(
        "TOML: the file, then those of conf.d in the order of their names, then the environment, then credentials; "
        "what comes later wins, key by key. RECORDER_MQTT__URL is url of [mqtt]. An unknown key is an error: "
        "`recorder check-config` names every fault, and exits 78. Times are in seconds."
    )
    yield from table("KEYS", KEYS, Config)
    defaults = {field.name: field for field in fields(Config)}
    for name, keys in TABLES.items():
        factory = defaults[name].default_factory
        yield from table(f"[{name}]", keys, type(factory()) if callable(factory) else Config)
    yield from table("[retention.FORMAT], [lines.ID.retention]", BOUNDS_KEYS, BoundsConfig)
    yield from table("[tokens.NAME]", TOKEN_KEYS, TokenConfig)
    yield from table("[lines.ID]", LINE_KEYS, LineConfig)
    yield ".SH CREDENTIALS"
    yield escaped(
        "A file recorder_KEY in $CREDENTIALS_DIRECTORY gives the secret KEY; the units make them of the files of "
        "/etc/recorder/credentials. "
        f"Secrets: {', '.join(sorted(SECRETS))}, tokens.NAME.token. PEM files: {', '.join(sorted(PEM))}."
    )
    yield from (".SH SEE ALSO", "recorder(1), recorder(8)")


def table(title: str, keys: Mapping[str, Key], model: type) -> Iterator[str]:
    """The keys of one table."""
    known = {field.name: field.default for field in fields(model)}
    yield f'.SH "{escaped(title)}"'
    for name, key in keys.items():
        meaning, _, told = key.meaning.partition("; default: ")
        value = known.get(name, MISSING)
        default = told or ("must be given" if value is MISSING else spelled(value))
        yield from entry(name, f"{meaning} (default: {default})")


def spelled(value: object) -> str:
    """A default as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, int | float) else f'"{value}"'


def described(command: Command) -> Iterator[str]:
    """A command with its options."""
    yield f'.SS "{escaped(f"recorder {command.name}")}"'
    yield escaped(f"{command.meaning[0].upper()}{command.meaning[1:]}.")
    yield from (".PP", ".nf", ".RS", escaped(command.usage), ".RE", ".fi")
    for option in command.options:
        if option.flags[:1] != ("-h",):
            yield from entry(spelling(option), option.help)


def spelling(option: Option) -> str:
    """`-o FILE, --output FILE`."""
    value = "{" + ",".join(option.choices) + "}" if option.choices else option.value
    return ", ".join(f"{flag} {value}".strip() for flag in option.flags) or value


def statuses() -> Iterator[str]:
    """What the program exits with."""
    yield '.SH "EXIT STATUS"'
    for status, meaning in exits.MEANINGS.items():
        yield from entry(str(status), meaning)


def entry(what: str, meaning: str) -> Iterator[str]:
    """One entry of a list."""
    yield from (".TP", f".B {escaped(what)}", escaped(meaning or "\\&"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Completion for bash, zsh and fish, of the same parsers: `python -m packages.completion OUT`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from packages.commands import Command, Option, commands

FILES = ("FILE", "DIRECTORY", "OUTPUT")  # values that are paths


def main(out: Path) -> None:
    """Write `recorder.bash`, `recorder.zsh` and `recorder.fish` into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    known = commands()
    for name, text in {"bash": bash(known), "zsh": zsh(known), "fish": fish(known)}.items():
        (out / f"recorder.{name}").write_text(text)


def flags(command: Command) -> str:
    """All options of a command, in one word each."""
    return " ".join(flag for option in command.options for flag in option.flags)


def quoted(text: str) -> str:
    """Within single quotes of a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def bash(known: Sequence[Command]) -> str:
    """A function for `complete -F`."""
    options = "\n".join(f"        {each.name}) words='{flags(each)}' ;;" for each in known)
    values = "\n".join(
        f"        {command.name}:{flag}) words='{' '.join(option.choices)}' ;;"
        for command in known
        for option in command.options
        for flag in option.flags
        if option.choices
    )
    return f"""\
# bash completion for recorder
_recorder() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command=${{COMP_WORDS[1]}} words=
    if [ "$COMP_CWORD" = 1 ]; then
        words='{" ".join(each.name for each in known)} --help --version'
    elif [[ $word == -* ]]; then
        case $command in
{options}
        esac
    else
        case $command:$before in
{values}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _recorder recorder
"""


def zsh(known: Sequence[Command]) -> str:
    """A function for compinit."""
    names = "\n".join(f"        {quoted(f'{each.name}:{each.meaning}')}" for each in known)
    return f"""\
#compdef recorder
_recorder() {{
    local -a known
    known=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe command known
        return
    fi
    case $words[2] in
{"".join(map(zsh_command, known))}    esac
}}
_recorder "$@"
"""


def zsh_command(command: Command) -> str:
    """The options of one command."""
    told = " \\\n            ".join(
        quoted(zsh_option(option, flag)) for option in command.options for flag in option.flags
    )
    return f"    {command.name})\n        shift words; (( CURRENT-- ))\n        _arguments {told} '*:file:_files' ;;\n"


def zsh_option(option: Option, flag: str) -> str:
    """`--flag[help]:VALUE:(choices)`."""
    about = option.help.replace("[", "(").replace("]", ")").replace(":", "\\:").replace("\n", " ")
    if not option.value:
        return f"{flag}[{about}]"
    values = f"({' '.join(option.choices)})" if option.choices else "_files" if option.value in FILES else " "
    return f"{flag}[{about}]:{option.value.lower()}:{values}"


def fish(known: Sequence[Command]) -> str:
    """Lines of `complete`."""
    lines = ["# fish completion for recorder"]
    for command in known:
        first = "__fish_use_subcommand"
        lines.append(f"complete -c recorder -n {first} -f -a {command.name} -d {quoted(command.meaning)}")
        where = quoted(f"__fish_seen_subcommand_from {command.name}")
        options = (fish_option(option) for option in command.options if option.flags)
        lines += [f"complete -c recorder -n {where} {option}" for option in options]
    return "\n".join(lines) + "\n"


def fish_option(option: Option) -> str:
    """`-s o -l output -r -d help`."""
    words = [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    if option.choices:
        words.append(f"-x -a {quoted(' '.join(option.choices))}")
    elif option.value:
        words.append("-r" if option.value in FILES else "-x")
    return f"{' '.join(words)} -d {quoted(option.help)}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

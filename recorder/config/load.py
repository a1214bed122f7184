"""The configuration, read and checked: every fault at once, each with its file or variable and what is allowed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from recorder.config.credentials import read_credentials
from recorder.config.doors import check_doors
from recorder.config.faults import ConfigFault, ConfigRefused
from recorder.config.layers import files_of, read_environment, read_file, stack
from recorder.config.lines import take_lines
from recorder.config.model import Config
from recorder.config.sheet import Sheet
from recorder.config.tokens import take_tokens
from recorder.config.whole import take_whole

DEFAULT_PATH = Path("/etc/recorder/recorder.toml")


def load(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The configuration of a file, the conf.d beside it, the environment and credentials. Raises ConfigRefused.

    None means DEFAULT_PATH, which may be absent; a file that is named must be there.
    """
    faults: list[ConfigFault] = []
    if path is not None and not path.exists():
        faults.append(ConfigFault(str(path), "", "there is no such file"))
    layers = [read_file(file, faults) for file in files_of(path or DEFAULT_PATH)]
    sheet = Sheet(stack([*layers, read_environment(environ), read_credentials(environ, faults)], faults), faults)
    config = take_whole(sheet)
    config = replace(config, tokens=take_tokens(sheet))
    check_doors(sheet, config)
    lines = take_lines(sheet, config)
    sheet.close()
    if faults:
        raise ConfigRefused(faults)
    return replace(config, lines=lines, origins=sheet.origins)

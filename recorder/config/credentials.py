"""systemd's credentials (systemd.exec(5)): secrets from files that only the service sees, in $CREDENTIALS_DIRECTORY.

A file `recorder_KEY` gives the secret KEY, as `recorder_token`, `recorder_mqtt.password` or
`recorder_tokens.wallboard.token`. A key that names a PEM file, as `https_key`, gets the path of the credential. Others
of the directory are not ours.
"""

from collections.abc import Mapping
from pathlib import Path

from recorder.config.faults import ConfigFault
from recorder.config.keys import KEYS, TABLES, TOKEN_KEYS
from recorder.config.layers import Given, Layer
from recorder.contract.quoting import shown

PREFIX = "recorder_"
PEM = frozenset({"https_cert", "https_key", "mqtt.ca", "mqtt.cert", "mqtt.key", "webhook.ca"})
SECRETS = frozenset(
    {name for name, key in KEYS.items() if key.secret}
    | {f"{table}.{name}" for table, keys in TABLES.items() for name, key in keys.items() if key.secret}
)
MOST_BYTES = 16384


def read_credentials(environ: Mapping[str, str], faults: list[ConfigFault]) -> Layer:
    """What the credentials give; a fault for each that has our prefix and can't be one."""
    directory = environ.get("CREDENTIALS_DIRECTORY", "")
    layer: Layer = {}
    for file in sorted(Path(directory).glob(f"{PREFIX}*")) if directory else ():
        key = file.name.removeprefix(PREFIX)
        path = tuple(key.split("."))
        if key in PEM:
            layer[path] = Given(str(file), str(file), text=True)
        elif key in SECRETS or _is_token(path):
            if path[0] == "tokens":
                layer.setdefault(path[:2], Given({}, str(file)))
            layer[path] = Given(_secret(file, key, faults), str(file), text=True)
        else:
            allowed = ", ".join([*sorted(SECRETS | PEM), "tokens.NAME.token"])
            faults.append(
                ConfigFault(str(file), shown(key), f"is no credential of ours: {PREFIX} and one of {allowed}")
            )
    return layer


def _is_token(path: tuple[str, ...]) -> bool:
    return len(path) == 3 and path[0] == "tokens" and path[2] in TOKEN_KEYS and TOKEN_KEYS[path[2]].secret


def _secret(file: Path, key: str, faults: list[ConfigFault]) -> str:
    """The text of a credential, without the line's end that an editor leaves."""
    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
        if len(data) <= MOST_BYTES:
            return data.decode().rstrip("\r\n")
        why = f"has more than {MOST_BYTES} bytes"
    except OSError as error:
        why = f"can't be read: {error.strerror}"
    except UnicodeDecodeError:
        why = "is no text in UTF-8"
    faults.append(ConfigFault(str(file), key, why))
    return ""

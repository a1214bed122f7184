"""aiohttp, imported without what it makes of the system's authorities meanwhile: a context that nobody here uses.

That costs as much as a tenth of the start. bridge/http is who imports aiohttp first.
"""

import importlib
import os

_PLACES = {"SSL_CERT_FILE": os.devnull, "SSL_CERT_DIR": os.devnull}


def import_lean() -> None:
    """Import aiohttp while OpenSSL finds no authorities at the places where it looks."""
    before = {name: os.environ.get(name) for name in _PLACES}
    os.environ.update(_PLACES)
    try:
        importlib.import_module("aiohttp")
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

"""The HTTP door: docs/http.md."""

from recorder.bridge.lean_aiohttp import import_lean

import_lean()

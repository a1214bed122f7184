"""The HTTP door: contract section 6."""

from recorder.bridge.lean_aiohttp import import_lean

import_lean()

"""GET /: a page of one file that shows how the box stands, by what the API tells whoever may ask it."""

import hashlib
import re
from base64 import b64encode
from importlib.resources import files

from aiohttp import web

from recorder.bridge.http import schemas
from recorder.bridge.http.routes import Reply, Route


class Page:
    """The page; its policy lets nothing in but itself, and lets nobody frame it."""

    def __init__(self) -> None:
        self._text = (files("recorder.bridge.http") / "web" / "status.html").read_text(encoding="utf-8")
        self._headers = {
            "Content-Security-Policy": "default-src 'none'; connect-src 'self'; base-uri 'none'; form-action 'none';"
            f" frame-ancestors 'none'; script-src {_hash(self._text, 'script')};"
            f" style-src {_hash(self._text, 'style')}",
            "Referrer-Policy": "no-referrer",
        }

    def routes(self) -> list[Route]:
        """The routes of this subject."""
        page = Reply("the page", schemas.TEXT, "text/html")
        return [Route("GET", "/", self.get, "The page", {200: page}, access="anybody")]

    async def get(self, _request: web.Request) -> web.Response:
        """GET /."""
        return web.Response(text=self._text, content_type="text/html", headers=self._headers)


def _hash(text: str, element: str) -> str:
    """The element's content as a policy names it."""
    match = re.search(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
    assert match is not None
    return f"'sha256-{b64encode(hashlib.sha256(match[1].encode()).digest()).decode()}'"

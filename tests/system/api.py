"""What the system tests of the doors share: a box with one looped line of noise, and raw requests to it."""

import http.client
import socket
from pathlib import Path
from typing import Any, Self

from tests.box import Box
from tests.noise import noise
from tests.wav import write_wav

RATE = 8000


def box_of(folder: Path, **settings: object) -> Box:
    """A box with a mono line `front`, started and ready."""
    wav = write_wav(folder / "line.wav", noise(10 * RATE))
    box = Box(folder, {"front": {"device": f"file:{wav}", "loop": True}}, **settings)
    box.start("serve")
    box.start("capture")
    return box


class Raw:
    """A connection on which bytes are sent as they are; `answer` reads one response."""

    def __init__(self, port: int, timeout: float = 20) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, text: str | bytes) -> Self:
        self.socket.sendall(text.encode("latin-1") if isinstance(text, str) else text)
        return self

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        return response.status, {key.lower(): value for key, value in response.headers.items()}, response.read()

    def is_closed(self) -> bool:
        """Whether the other side closes within the timeout."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            return True
        except TimeoutError:
            return False
        return True


def port_of(box: Box) -> int:
    return int(box.http.rpartition(":")[2])


def fault(answer: Any) -> tuple[int, str, str]:
    """(status, code, attribute) of the first error in a JSON answer."""
    error = answer.json()["errors"][0]
    assert error["status"] == str(answer.status_code)
    return answer.status_code, error["code"], error["attribute"]

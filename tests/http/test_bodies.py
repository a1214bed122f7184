"""The reading of bodies."""

import asyncio
import tracemalloc
from unittest.mock import Mock

import pytest
from aiohttp.streams import StreamReader
from aiohttp.test_utils import make_mocked_request

from recorder.bridge.http.bodies import read_object
from recorder.contract.faults import Refused
from recorder.contract.json_text import MOST_BYTES

COMMAND = b'{"record": {}}'


def posted(*pieces):
    """A request with that body."""
    stream = StreamReader(Mock(_reading_paused=False), 1 << 16, loop=asyncio.get_running_loop())
    for piece in pieces:
        stream.feed_data(piece)
    stream.feed_eof()
    return make_mocked_request("POST", "/", headers={"Content-Type": "application/json"}, payload=stream)


async def test_a_request_that_waits_for_its_answer_holds_none_of_its_body():
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        request = posted(COMMAND, b" " * (MOST_BYTES - len(COMMAND)))
        assert await read_object(request) == {"record": {}}
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < MOST_BYTES // 4


async def test_a_body_in_pieces_may_have_as_much_as_any_and_no_byte_more():
    room = MOST_BYTES - len(COMMAND)
    assert await read_object(posted(COMMAND, b" " * room)) == {"record": {}}
    with pytest.raises(Refused) as refused:
        await read_object(posted(COMMAND, b" " * room, b" "))
    assert refused.value.status == 413

"""How many may be connected, and who has to go."""

import asyncio
import socket
import zlib

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from recorder.bridge.http import connections
from recorder.bridge.http.connections import Admission
from tests.waiting import until


class Peer:
    """As much of a connection as the admission knows."""

    def __init__(self, *, serving: bool = False) -> None:
        self.serving = serving
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


def admitted(admission, peers, address):
    return [admission.admit(peer, address) for peer in peers]


def test_the_oldest_idle_one_of_the_address_goes_for_a_newcomer():
    admission = Admission(most=10, most_per_address=2)
    other, first, second, third = Peer(), Peer(), Peer(), Peer()
    assert admitted(admission, [other], "b") == [True]
    assert admitted(admission, [first, second, third], "a") == [True, True, True]
    assert [peer.dropped for peer in (other, first, second, third)] == [False, True, False, False]
    assert (len(admission), admission.turned_away) == (3, 1)


def test_one_that_is_being_served_stays():
    admission = Admission(most=10, most_per_address=2)
    busy, idle, newcomer = Peer(serving=True), Peer(), Peer()
    assert admitted(admission, [busy, idle, newcomer], "a") == [True, True, True]
    assert (busy.dropped, idle.dropped) == (False, True)
    newcomer.serving = True
    assert not admission.admit(Peer(), "a")
    assert admission.turned_away == 2


def test_in_all_the_oldest_idle_one_goes_whatever_its_address():
    admission = Admission(most=3, most_per_address=2)
    peers = [Peer() for _ in range(4)]
    assert [admission.admit(peer, str(n)) for n, peer in enumerate(peers)] == [True] * 4
    assert [peer.dropped for peer in peers] == [True, False, False, False]


def test_who_left_makes_room():
    admission = Admission(most=1, most_per_address=1)
    first, second = Peer(serving=True), Peer()
    assert admission.admit(first, "a")
    admission.leave(first)
    admission.leave(first)
    assert admission.admit(second, "a")
    assert not second.dropped


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.booleans()), max_size=60))
def test_the_bounds_hold_whoever_comes_and_goes(steps):
    admission = Admission(most=5, most_per_address=3)
    inside = {}
    for address, serving, leaves in steps:
        peer = Peer(serving=serving)
        if admission.admit(peer, address):
            inside[peer] = address
        inside = {each: at for each, at in inside.items() if not each.dropped}
        if leaves and inside:
            gone = next(iter(inside))
            admission.leave(gone)
            del inside[gone]
        assert len(admission) == len(inside) <= 5
        assert all(list(inside.values()).count(name) <= 3 for name in "abc")


async def test_an_answer_that_nobody_takes_ends_its_connection(monkeypatch):
    monkeypatch.setattr(connections, "TAKEN_WITHIN_S", 0.05)

    async def handler(_request):
        return web.Response(body=bytes(32 << 20))  # more than the kernel holds for a client that reads nothing

    loop, server, admission = asyncio.get_running_loop(), web.Server(handler), Admission()
    listening = await loop.create_server(
        lambda: connections.Connection(server, admission, None, loop=loop), "127.0.0.1", 0
    )
    with socket.create_connection(listening.sockets[0].getsockname()) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await asyncio.to_thread(until, lambda: len(admission) == 1, what="the connection")
        await asyncio.to_thread(until, lambda: len(admission) == 0, what="its end")
    listening.close()
    await server.shutdown()


CHUNKED, DEFLATE = "Transfer-Encoding: chunked", "Content-Length: 12\r\nContent-Encoding: deflate"


@pytest.mark.parametrize(
    ("coding", "packets", "said"),
    [
        (CHUNKED, [b"5\r\n", b"hello\r\n", b"0\r\n\r\n"], "hello"),
        (CHUNKED, [b"5\r\nhello\r\n", b"ZZ"], "broken"),
        (CHUNKED, [b"5\r\nhello", b"\r\nZZ"], "broken"),  # a chunk ends in the same bytes
        (CHUNKED, [b"ZZ"], "broken"),
        (DEFLATE, [zlib.compress(b"data")], "data"),
        (DEFLATE, [b"{} not", b" coded"], "broken"),
        (DEFLATE, [zlib.compress(b"data")[:-1] + b"?"], "broken"),
    ],
)
async def test_whoever_reads_a_body_is_told_at_once_that_it_is_broken(coding, packets, said):
    got = bytearray()

    class Counting(connections.Connection):
        def data_received(self, data):
            got.extend(data)
            super().data_received(data)

    async def handler(request):
        try:
            return web.Response(body=await request.read())
        except web.RequestPayloadError:
            return web.Response(text="broken")

    loop, server = asyncio.get_running_loop(), web.Server(handler)
    listening = await loop.create_server(lambda: Counting(server, Admission(), None, loop=loop), "127.0.0.1", 0)
    with socket.create_connection(listening.sockets[0].getsockname()) as client:
        client.settimeout(10)
        sent = 0
        for packet in [f"POST / HTTP/1.1\r\nHost: localhost\r\n{coding}\r\n\r\n".encode(), *packets]:
            client.sendall(packet)
            sent += len(packet)
            await asyncio.to_thread(until, lambda sent=sent: len(got) == sent, what="the packet")
        answer = await asyncio.to_thread(client.recv, 65536)
        assert answer.endswith(said.encode())
    listening.close()
    await server.shutdown()

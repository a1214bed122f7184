"""The address rules: each refused form by literal, by name and by a name that changes its mind."""

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from recorder.bridge.webhook.addresses import Forbidden, Judge
from recorder.bridge.webhook.post import NoAnswer, Poster
from recorder.bridge.webhook.target import Target
from tests.fixtures.receiver import Receiver

REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "169.254.0.1",
    "224.0.0.1",
    "239.255.255.255",
    "255.255.255.255",
    "100.100.100.200",
    "::",
    "::1",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::127.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::",
    "2001:0:102:304::80ff:fffe",
]
REACHED = ["192.0.2.1", "10.0.0.1", "192.168.1.1", "100.100.100.201", "2001:db8::1", "fd00::1", "64:ff9b::102:304"]


def spelled(address: str) -> str:
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_is_refused(address: str) -> None:
    with pytest.raises(Forbidden):
        Judge([], ()).check("host", address, 80)


@pytest.mark.parametrize("address", REFUSED)
def test_no_allow_list_lets_it_through_but_for_loopback(address: str) -> None:
    judge = Judge(["0.0.0.0/0", "[::]/0", "host", "127.0.0.1:9000", f"{spelled(address)}:80"], ())
    if ip_address(address).is_loopback:
        judge.check("host", address, 80)
        address = address.replace("::1", "::ffff:127.0.0.2")
    with pytest.raises(Forbidden):
        judge.check("host", address, 81)


@pytest.mark.parametrize("address", REACHED)
def test_an_address_is_reached(address: str) -> None:
    Judge(["127.0.0.1:9000"], {80}).check("host", address, 80)


@pytest.mark.parametrize("address", ["2130706433", "127.1", "0x7f.0.0.1", "127.0.0.01", "", "::1%lo0x", "example.com"])
def test_what_is_no_address_in_its_usual_spelling_is_refused(address: str) -> None:
    with pytest.raises(Forbidden):
        Judge([], ()).check("host", address, 80)


@pytest.mark.parametrize(
    ("allow", "host", "address", "port", "reached"),
    [
        (["hooks.example.com"], "hooks.example.com", "192.0.2.1", 443, True),
        (["hooks.example.com"], "example.com", "192.0.2.1", 443, False),
        (["*.example.com"], "hooks.example.com", "192.0.2.1", 443, True),
        (["*.example.com"], "example.com", "192.0.2.1", 443, False),
        (["*.example.com"], "badexample.com", "192.0.2.1", 443, False),
        (["hooks.example.com:443"], "hooks.example.com", "192.0.2.1", 80, False),
        (["10.0.0.0/8", "127.0.0.1:9000"], "a", "10.1.2.3", 80, True),
        (["10.0.0.0/8", "127.0.0.1:9000"], "a", "192.0.2.1", 80, False),
        (["10.0.0.0/8", "127.0.0.1:9000"], "a", "127.0.0.1", 9000, True),
        (["127.0.0.1:9000"], "a", "127.0.0.1", 9001, False),
        (["127.0.0.1:9000"], "a", "::1", 9000, False),
        (["localhost:9000"], "localhost", "::1", 9000, True),
        (["localhost:9000"], "rebound.example.com", "127.0.0.1", 9000, False),
        (["[2001:db8::]/32:443"], "a", "2001:db8::5", 443, True),
        (["[2001:db8::]/32:443"], "a", "2001:db9::5", 443, False),
    ],
)
def test_an_allow_list_narrows(allow: list[str], host: str, address: str, port: int, reached: bool) -> None:
    if reached:
        Judge(allow, ()).check(host, address, port)
    else:
        with pytest.raises(Forbidden):
            Judge(allow, ()).check(host, address, port)


def test_our_own_listener_is_refused_whatever_is_allowed() -> None:
    judge = Judge(["127.0.0.1:8080", "127.0.0.1:9000"], {8080})
    judge.check("localhost", "127.0.0.1", 9000)
    for address in ("127.0.0.1", "::ffff:127.0.0.1"):
        with pytest.raises(Forbidden):
            judge.check("localhost", address, 8080)


class Dns(AbstractResolver):
    """Names that lead where a test wants, one answer after another."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)

    async def resolve(self, host, port=0, family=socket.AF_INET):  # noqa: ARG002 # because aiohttp names it
        address = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


async def tried(target: str, dns: Dns, allow: list[str]) -> str:
    """What comes of a POST: the status, or why there is none."""
    poster = Poster(Judge(allow, ()), None, dns)
    try:
        return str((await poster.post(Target.of(target), b"{}", {})).status)
    except NoAnswer as error:
        return str(error)
    finally:
        await poster.close()


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "2130706433", "127.1", "127.0.1", "017700000001", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"],
)
async def test_a_literal_for_loopback_is_not_connected_to(host: str) -> None:
    with Receiver() as receiver:
        why = await tried(receiver.url("/", host=host), Dns("127.0.0.1"), [])
        assert "this box" in why or "canonical" in why
        assert receiver.got == []


@pytest.mark.parametrize("address", REFUSED)
async def test_a_name_for_a_refused_address_is_not_connected_to(address: str) -> None:
    why = await tried("http://example.com:9/", Dns(address), [])
    assert address in why or str(ip_address(address)) in why


async def test_a_name_that_moves_to_this_box_is_judged_anew() -> None:
    with Receiver() as receiver:
        dns = Dns("192.0.2.1", "127.0.0.1")
        judge = Judge([], ())
        judge.check("example.com", "192.0.2.1", receiver.port)
        await dns.resolve("example.com")
        assert "this box" in await tried(f"http://example.com:{receiver.port}/", dns, [])
        assert receiver.got == []


async def test_an_allowed_place_on_this_box_is_reached_by_name_and_literal() -> None:
    with Receiver() as receiver:
        allow = [f"127.0.0.1:{receiver.port}"]
        for host in ("127.0.0.1", "hooks.example.com"):
            assert await tried(receiver.url("/x", host=host), Dns("127.0.0.1"), allow) == "200"
        assert [got.headers["Host"] for got in receiver.got] == [
            f"{host}:{receiver.port}" for host in ("127.0.0.1", "hooks.example.com")
        ]


async def test_a_redirect_to_a_refused_place_is_not_followed() -> None:
    with Receiver() as receiver:
        receiver.answer("/away", (302, {"Location": receiver.url("/secret")}))
        assert await tried(receiver.url("/away"), Dns("127.0.0.1"), [f"127.0.0.1:{receiver.port}"]) == "302"
        assert receiver.on("/secret") == []

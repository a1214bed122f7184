"""Which addresses a webhook may be sent to: judged for every connection, on the very address that is connected to."""

import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from recorder.contract.places import Place

Address: TypeAlias = IPv4Address | IPv6Address

LOOPBACK: Sequence[IPv4Network | IPv6Network] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
REFUSED: Sequence[tuple[str, IPv4Network | IPv6Network]] = (
    ("is of this network", ip_network("0.0.0.0/8")),
    ("is link-local", ip_network("169.254.0.0/16")),
    ("is multicast", ip_network("224.0.0.0/4")),
    ("is a broadcast", ip_network("255.255.255.255/32")),
    ("is of a cloud's metadata", ip_network("100.100.100.200/32")),
    ("is unspecified", ip_network("::/128")),
    ("is link-local", ip_network("fe80::/10")),
    ("is multicast", ip_network("ff00::/8")),
    ("is of a cloud's metadata", ip_network("fd00:ec2::254/128")),
)
# Where an IPv6 address carries an IPv4 one: the prefix, and the bits below the 32 that count.
_CARRIERS: Sequence[tuple[IPv6Network, int]] = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped, RFC 4291
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated, RFC 2765
    (IPv6Network("::/96"), 0),  # compatible, RFC 4291
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("64:ff9b:1::/48"), 0),  # NAT64 of one's own, RFC 8215; its IPv4 stands last in a /96
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
    (IPv6Network("2001::/32"), 64),  # Teredo's server, RFC 4380
)
_TEREDO = IPv6Network("2001::/32")


class Forbidden(OSError):
    """The address must not be connected to; the message says why."""


class Judge:
    """Holds the rules of one box: `allow` as configured, and the ports on which the box itself listens."""

    def __init__(self, allow: Sequence[str], own_ports: Collection[int]) -> None:
        places = [Place.of(entry) for entry in allow]
        self._loopback = [place for place in places if place.is_loopback]
        self._narrow = [place for place in places if not place.is_loopback]
        self._own_ports = own_ports

    def check(self, host: str, spelled: str, port: int) -> None:
        """Raise Forbidden unless a connection to this address is allowed; `host` is what the URL names, lower case."""
        try:
            address = ip_address(spelled)
        except ValueError:
            raise Forbidden(f"{spelled} is no address in its usual spelling") from None
        if port in self._own_ports and any(map(is_of_this_box, (address, *carried(address)))):
            raise Forbidden(f"{address} port {port} is our own")
        if _is_loopback(address):
            if not any(place.holds(host, address, port) for place in self._loopback):
                raise Forbidden(f"{address} is this box, and webhook.allow does not name it with port {port}")
            return
        for each in (address, *carried(address)):
            _refuse(address, each)
        if self._narrow and not any(place.holds(host, address, port) for place in self._narrow):
            raise Forbidden(f"{address} port {port} is not in webhook.allow")


def carried(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return
    number = int(address)
    for prefix, below in _CARRIERS:
        if address in prefix:
            yield IPv4Address(number >> below & 0xFFFFFFFF)
    if address in _TEREDO:  # the client's stands there with all bits turned
        yield IPv4Address(~number & 0xFFFFFFFF)


def is_of_this_box(address: Address) -> bool:
    """Whether the address is one of our own: only such a one can be bound."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with closing(socket.socket(family, socket.SOCK_DGRAM)) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _is_loopback(address: Address) -> bool:
    return any(address in network for network in LOOPBACK)


def _refuse(address: Address, each: Address) -> None:
    if _is_loopback(each):
        raise Forbidden(f"{address} is this box")
    for meaning, network in REFUSED:
        if each in network:
            raise Forbidden(f"{address} {meaning}")

"""Places on the network as an allow-list names them: host names, addresses and networks, with or without a port."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Self

from recorder.contract.values import Unfit

ALLOWED = '"HOST", "*.DOMAIN", an address or a network as "10.0.0.0/8", each with ":PORT" or without; IPv6 in brackets'
_NAME = re.compile(r"(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,252})", re.ASCII)
_WITH_PORT = re.compile(r"(?P<place>[^:\[\]]+|\[[^\[\]]+\](?:/\d+)?)(?::(?P<port>\d{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """A host name (lower case, perhaps with `*.` before it) or a network; `port` None: any."""

    name: str
    network: IPv4Network | IPv6Network | None
    port: int | None

    @classmethod
    def of(cls, value: object) -> Self:
        """The place that a string names. Raises Unfit."""
        found = _WITH_PORT.fullmatch(value.lower()) if isinstance(value, str) else None
        if found is None:
            raise Unfit(ALLOWED)
        port = None if found["port"] is None else int(found["port"])
        if port is not None and not 1 <= port <= 65535:
            raise Unfit(ALLOWED)
        place = found["place"].replace("[", "").replace("]", "")
        try:
            return cls("", ip_network(place), port)
        except ValueError:
            # Digits and dots that are no address are no name either.
            if not _NAME.fullmatch(place) or re.fullmatch(r"[\d.]+|.*/.*", place):
                raise Unfit(ALLOWED) from None
        return cls(place, None, port)

    @property
    def is_loopback(self) -> bool:
        """Whether it is a place on this very box, named with its port."""
        return self.port is not None and (
            self.name == "localhost" or (self.network is not None and self.network.is_loopback)
        )

    def holds(self, host: str, address: IPv4Address | IPv6Address, port: int) -> bool:
        """Whether a connection to this address is one to the place; `host` as the URL spells it, in lower case."""
        if self.port not in (None, port):
            return False
        if self.network is not None:
            return address in self.network
        if self.name.startswith("*."):
            return host.endswith(self.name[1:])
        return host == self.name


def place(value: object) -> str:
    """An entry of an allow-list, as it was written. Raises Unfit; so does a place on this box without its port."""
    named = Place.of(value)
    if named.port is None and (named.name == "localhost" or (named.network is not None and named.network.is_loopback)):
        raise Unfit('with its port where it is on this box, as "127.0.0.1:9000"')
    return str(value)

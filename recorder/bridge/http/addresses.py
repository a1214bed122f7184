"""Where clients find the box: its names and its addresses."""

import fcntl
import re
import socket
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import urlsplit

from recorder.config.listening import place
from recorder.config.model import Config

_SIOCGIFADDR = 0x8915  # netdevice(7)
_DNS_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*")


def host_name() -> str:
    """The box's name in lower case; `localhost` where it is no name that DNS could have."""
    name = socket.gethostname().lower()
    return name if _DNS_NAME.fullmatch(name) else "localhost"


def names_of(config: Config) -> list[str]:
    """Every name and address under which the HTTPS listener can be found, the host name first, each once."""
    host = host_name()
    short = host.partition(".")[0]
    names = [host, short, f"{short}.local", "localhost", "127.0.0.1", "::1"]
    public = (urlsplit(config.public_url).hostname or "").strip("[]")
    at = place(config.https_listen)
    if at is not None:
        names += map(str, own_addresses(at[0].version)) if at[0].is_unspecified else [str(at[0])]
    return list(dict.fromkeys([*names, *([public] if public else [])]))


def public_url(config: Config) -> str:
    """Where links to recordings lead: what a default names is what listens there."""
    if config.public_url:
        return config.public_url
    https, http = place(config.https_listen), place(config.http_listen)
    if https is not None:
        return f"https://{host_name()}:{https[1]}"
    if http is None:
        return "http://127.0.0.1:8080"
    return f"http://{_in_url(http[0])}:{http[1]}"


def _in_url(address: IPv4Address | IPv6Address) -> str:
    """As the host of a URL; of all addresses, the loopback one."""
    if isinstance(address, IPv4Address):
        return "127.0.0.1" if address.is_unspecified else str(address)
    return "[::1]" if address.is_unspecified else f"[{address}]"


def own_addresses(version: int) -> Iterator[IPv4Address | IPv6Address]:
    """The addresses of the box's interfaces that can stand in a URL; of IPv4 alone for a listener of IPv4."""
    for _, name in socket.if_nameindex():
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                answer = fcntl.ioctl(probe, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue  # it has none
        yield IPv4Address(answer[20:24])
    known = Path("/proc/net/if_inet6")
    if version == 6 and known.exists():
        found = (IPv6Address(bytes.fromhex(line.split()[0])) for line in known.read_text().splitlines())
        yield from (address for address in found if not address.is_link_local)

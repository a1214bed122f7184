"""Where a listener listens: `ADDRESS:PORT` with an address as numbers, or off."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from recorder.contract.values import Unfit

OFF = "off"


def listen_address(value: object) -> str:
    """`ADDRESS:PORT`, `[ADDRESS]:PORT` or `off`, spelled one way; `localhost` is 127.0.0.1. Raises Unfit."""
    if value == OFF:
        return OFF
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    literal = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    try:
        address = ip_address("127.0.0.1" if literal == "localhost" else literal)
    except ValueError:
        address = None
    is_port = port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536
    if address is None or not is_port or (address.version == 6) != host.startswith("["):
        raise Unfit('"ADDRESS:PORT" with an IP address, one of IPv6 in square brackets, or "off"')
    return f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}"


def place(listen: str) -> tuple[IPv4Address | IPv6Address, int] | None:
    """(address, port) of a checked value, None for off."""
    if listen == OFF:
        return None
    host, _, port = listen.rpartition(":")
    return ip_address(host.strip("[]")), int(port)

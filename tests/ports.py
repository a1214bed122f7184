"""Ports for the servers of a test."""

import itertools
import os
import socket

# Below the range out of which the kernel serves clients: none of theirs takes a port between our look and its use.
# Test runs side by side, and the workers of one, whose pids are near each other, begin in places far apart.
_FIRST, _END = 12_000, 32_000
_BEGIN = _FIRST + os.getpid() * 12_361 % (_END - _FIRST)  # by the golden ratio
_ports = itertools.chain(range(_BEGIN, _END), itertools.cycle(range(_FIRST, _END)))


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody has now, and that no other call here gives soon."""
    while True:
        port = next(_ports)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port

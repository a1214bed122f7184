"""What the service manager is told, and by which way."""

import os
import socket

import pytest

from recorder.systemd.notify import Manager


def listener(address):
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listening.bind(address.replace("@", "\0", 1))
    listening.settimeout(5)
    return listening


@pytest.mark.parametrize("is_abstract", [False, True])
def test_ready_is_told_to_a_socket_of_either_kind(tmp_path, is_abstract):
    address = f"@recorder-test-{os.getpid()}" if is_abstract else str(tmp_path / "notify")
    with listener(address) as listening:
        Manager.of({"NOTIFY_SOCKET": address}).ready("2 of 2 lines up")
        assert listening.recv(1000) == b"READY=1\nSTATUS=2 of 2 lines up"


def test_a_status_is_told_when_it_changes(tmp_path):
    with listener(str(tmp_path / "notify")) as listening:
        manager = Manager.of({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for status in ("one", "one", "two\nREADY=1"):
            manager.status(status)
        manager.reloading()
        manager.stopping()
        told = [listening.recv(1000).decode().split("\n") for _ in range(4)]
    assert told[:2] == [["STATUS=one"], ["STATUS=two READY=1"]]
    assert told[2][0] == "RELOADING=1"
    assert told[2][1].removeprefix("MONOTONIC_USEC=").isdigit()
    assert told[3][0] == "STOPPING=1"


@pytest.mark.parametrize(
    ("variables", "asked_s"),
    [
        ({"WATCHDOG_USEC": "2500000"}, 2.5),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": str(os.getpid())}, 2.5),
        ({"WATCHDOG_USEC": "2500000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_the_watchdog_is_ours_only_if_it_says_so(variables, asked_s):
    assert Manager.of({"NOTIFY_SOCKET": "/nowhere", **variables}).watchdog_s == asked_s


@pytest.mark.parametrize("address", ["", "relative", "/nowhere/at/all"])
def test_without_a_manager_nothing_happens(address):
    manager = Manager.of({"NOTIFY_SOCKET": address})
    manager.ready("here")
    manager.alive()


def test_a_manager_that_does_not_read_is_never_waited_for(tmp_path):
    with listener(str(tmp_path / "notify")):
        manager = Manager.of({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(10_000):
            manager.alive()

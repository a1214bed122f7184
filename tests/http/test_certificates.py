"""The box's own certificate: made once, made again when it no longer does."""

import datetime as dt
import ipaddress
import socket

import pytest
from cryptography import x509

from recorder.bridge.http import addresses, certificates
from recorder.config.model import Config

NAMES = ["box", "box.local", "127.0.0.1", "::1"]


def leaf_of(files):
    return x509.load_pem_x509_certificate(files.chain.read_bytes())


def names_in(leaf):
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def test_it_is_made_once(tmp_path):
    files, is_new = certificates.ensure(tmp_path / "tls", NAMES)
    assert is_new
    assert names_in(leaf_of(files)) == set(NAMES)
    before = files.chain.read_bytes()
    assert certificates.ensure(tmp_path / "tls", NAMES[:2]) == (files, False)
    assert files.chain.read_bytes() == before


def test_a_new_name_makes_a_new_leaf_of_the_same_ca(tmp_path):
    files, _ = certificates.ensure(tmp_path, NAMES)
    ca = files.ca.read_bytes()
    assert certificates.ensure(tmp_path, [*NAMES, "192.168.7.9"]) == (files, True)
    assert "192.168.7.9" in names_in(leaf_of(files))
    assert files.ca.read_bytes() == ca
    leaf_of(files).verify_directly_issued_by(x509.load_pem_x509_certificate(ca))


def test_a_leaf_near_its_end_is_renewed(tmp_path, monkeypatch):
    monkeypatch.setattr(certificates, "LEAF_DAYS", certificates.RENEW_DAYS - 1)
    certificates.ensure(tmp_path, NAMES)
    monkeypatch.undo()
    files, is_new = certificates.ensure(tmp_path, NAMES)
    assert is_new
    left = leaf_of(files).not_valid_after_utc - dt.datetime.now(dt.UTC)
    assert left.days >= certificates.LEAF_DAYS - 1


@pytest.mark.parametrize("missing", ["ca.crt", "ca.key", "server.crt", "server.key"])
@pytest.mark.parametrize("kind", ["deleted", "cut", "another's"])
def test_what_a_kill_left_broken_is_made_again(tmp_path, missing, kind):
    certificates.ensure(tmp_path / "mine", NAMES)
    certificates.ensure(tmp_path / "other", NAMES)
    path = tmp_path / "mine" / missing
    content = {"deleted": b"", "cut": path.read_bytes()[:100], "another's": (tmp_path / "other" / missing).read_bytes()}
    path.write_bytes(content[kind])
    if kind == "deleted":
        path.unlink()
    files, is_new = certificates.ensure(tmp_path / "mine", NAMES)
    assert is_new
    leaf_of(files).verify_directly_issued_by(x509.load_pem_x509_certificate(files.ca.read_bytes()))
    assert not certificates.ensure(tmp_path / "mine", NAMES)[1]


def test_the_names_are_those_under_which_the_box_is_found(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "Kitchen.example")
    config = Config(node_id="n", https_listen="192.168.1.5:443", public_url="https://calls.example/x")
    assert addresses.names_of(config) == [
        "kitchen.example",
        "kitchen",
        "kitchen.local",
        "localhost",
        "127.0.0.1",
        "::1",
        "192.168.1.5",
        "calls.example",
    ]
    monkeypatch.setattr(socket, "gethostname", lambda: "not a name")
    assert addresses.host_name() == "localhost"


def test_a_listener_on_any_address_is_found_at_all_of_the_boxs_own():
    found = addresses.names_of(Config(node_id="n", https_listen="0.0.0.0:443", token="x"))
    assert "127.0.0.1" in found
    assert "0.0.0.0" not in found
    for address in addresses.own_addresses(6):
        assert ipaddress.ip_address(address)


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"http_listen": "0.0.0.0:81"}, "http://127.0.0.1:81"),
        ({"http_listen": "192.168.1.5:81"}, "http://192.168.1.5:81"),
        ({"http_listen": "[::1]:81"}, "http://[::1]:81"),
        ({"http_listen": "[::]:81"}, "http://[::1]:81"),
        ({"http_listen": "off"}, "http://127.0.0.1:8080"),
        ({"https_listen": "127.0.0.1:8443"}, "https://box:8443"),
        ({"https_listen": "192.168.1.5:8443"}, "https://box:8443"),
        ({"https_listen": "0.0.0.0:8443"}, "https://box:8443"),
        ({"https_listen": "0.0.0.0:8443", "public_url": "https://calls.example/box"}, "https://calls.example/box"),
    ],
)
def test_links_lead_where_the_contract_says(monkeypatch, settings, url):
    monkeypatch.setattr(socket, "gethostname", lambda: "box")
    assert addresses.public_url(Config(node_id="n", **settings)) == url

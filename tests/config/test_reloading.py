"""What of a new configuration a running service takes."""

from dataclasses import fields, replace

from recorder.config.keys import KEYS, TABLES
from recorder.config.load import load
from recorder.config.model import Config, LineConfig, TokenConfig
from recorder.config.reloading import RELOADED, taken

OLD = load(None, {})


def test_what_can_be_reloaded_is_taken():
    new = replace(
        OLD,
        max_length_cap=60.0,
        token="new",
        log_level="debug",
        webhook=replace(OLD.webhook, signing_key="new"),
        lines={"front": LineConfig(id="front", device="alsa:hw:1")},
    )
    assert taken(OLD, new) == (new, ())


def test_the_rest_waits_and_is_named():
    new = replace(OLD, node_id="new", mqtt=replace(OLD.mqtt, url="mqtt://x"), keep_no_input=True)
    held, waiting = taken(OLD, new)
    assert held == replace(OLD, keep_no_input=True)
    assert waiting == ("node_id", "mqtt.url")


def test_a_token_is_never_lost_on_a_listener_that_stays():
    old = replace(OLD, http_listen="0.0.0.0:8080", token="t", tokens={"a": TokenConfig(name="a", token="x")})
    held, waiting = taken(old, replace(OLD, http_listen="127.0.0.1:8080"))
    assert (held.token, held.tokens, held.http_listen) == (old.token, old.tokens, old.http_listen)
    assert set(waiting) == {"http_listen", "token", "tokens"}


def test_a_limit_waits_for_the_ring_that_it_was_judged_by():
    held, waiting = taken(OLD, replace(OLD, ring_seconds=60.0, device_grace=50.0))
    assert (held.ring_seconds, held.device_grace) == (30.0, 10.0)
    assert waiting == ("ring_seconds", "device_grace")


def test_every_key_named_is_one():
    known = {*KEYS, "tokens", "lines", *(f"{table}.{name}" for table, keys in TABLES.items() for name in keys)}
    assert {name for name in RELOADED if "." not in name} <= {*known, *(field.name for field in fields(Config))}

"""The shipped example and the reference say what the model says."""

import dataclasses
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from recorder.config.keys import (
    BOUNDS_KEYS,
    KEYS,
    LINE_KEYS,
    MQTT_KEYS,
    RETENTION_KEYS,
    TABLES,
    TOKEN_KEYS,
    WEBHOOK_KEYS,
)
from recorder.config.layers import LINE_TABLES
from recorder.config.load import load
from recorder.config.model import (
    BoundsConfig,
    Config,
    LineConfig,
    MqttConfig,
    RetentionConfig,
    TokenConfig,
    WebhookConfig,
)

ROOT = Path(__file__).parents[2]
EXAMPLE = (ROOT / "systemd/recorder.toml").read_text()
REFERENCE = (ROOT / "docs/configuration.md").read_text()


def spelled(value):
    match value:
        case dataclasses.MISSING:
            return "must be given"
        case bool():
            return "`true`" if value else "`false`"
        case int() | float():
            return f"`{value:.10g}`"
        case _:
            return f'`"{value}"`'


def rows(model, keys):
    defaults = {field.name: field.default for field in fields(model)}
    for name, key in keys.items():
        meaning, _, told = key.meaning.partition("; default: ")
        yield f"| `{name}` | {told or spelled(defaults[name])} | {meaning} |"


def test_every_key_of_the_model_has_a_check_and_back():
    beside = {*TABLES, "tokens", "lines", "origins"}
    assert list(KEYS) == [field.name for field in fields(Config) if field.name not in beside]
    assert list(MQTT_KEYS) == [field.name for field in fields(MqttConfig)]
    assert list(WEBHOOK_KEYS) == [field.name for field in fields(WebhookConfig)]
    assert list(TOKEN_KEYS) == [field.name for field in fields(TokenConfig) if field.name != "name"]
    assert list(LINE_KEYS) == [field.name for field in fields(LineConfig) if field.name not in {"id", *LINE_TABLES}]
    assert list(RETENTION_KEYS) == [field.name for field in fields(RetentionConfig) if field.name != "formats"]
    assert list(BOUNDS_KEYS) == [field.name for field in fields(BoundsConfig)]


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        (Config, KEYS),
        (MqttConfig, MQTT_KEYS),
        (WebhookConfig, WEBHOOK_KEYS),
        (TokenConfig, TOKEN_KEYS),
        (LineConfig, LINE_KEYS),
        (RetentionConfig, RETENTION_KEYS),
        (BoundsConfig, BOUNDS_KEYS),
    ],
)
def test_reference_lists_every_key_with_its_default(model, keys):
    assert "\n".join(rows(model, keys)) in REFERENCE


def test_example_with_everything_commented_out_is_the_default(tmp_path):
    path = tmp_path / "recorder.toml"
    path.write_text(EXAMPLE)
    assert load(path, {}) == load(None, {})


def test_example_with_every_key_live_is_complete_and_at_the_defaults(tmp_path):
    path = tmp_path / "recorder.toml"
    path.write_text(re.sub(r"^#(?=\[|\w+ = )", "", EXAMPLE, flags=re.MULTILINE))
    config = load(path, {})
    desk = config.lines["desk"]
    assert config.tokens == {"wallboard": TokenConfig(name="wallboard", token="change-me")}
    bounds = BoundsConfig(max_age=0.0)
    assert (config.retention.formats, desk.retention) == ({"wav": bounds}, bounds)
    plainer = replace(config, tokens={}, lines={}, retention=replace(config.retention, formats={}))
    assert plainer == replace(load(None, {}), node_id="recorder")
    plain = LineConfig(id="desk", device="alsa:default", rate=8000, channels=1, playback="alsa:default")
    assert replace(desk, defaults={}, retention=BoundsConfig()) == plain
    assert set(config.origins) == {
        *KEYS,
        *(f"tokens.wallboard.{name}" for name in TOKEN_KEYS),
        *(f"{table}.{name}" for table, keys in TABLES.items() for name in keys),
        *(f"lines.desk.{name}" for name in LINE_KEYS),
        "lines.desk.defaults.max_length",
        *(f"{table}.{name}" for table in ("retention.wav", "lines.desk.retention") for name in BOUNDS_KEYS),
    }

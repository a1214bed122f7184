"""[webhook], and what holds for every table of keys."""

import pytest

from recorder.cli.main import main
from recorder.config.faults import ConfigRefused
from recorder.config.load import load
from recorder.config.model import BoundsConfig

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def given(tmp_path, text, environ=None):
    path = tmp_path / "recorder.toml"
    path.write_text(text)
    return load(path, environ or {})


def faults(tmp_path, text, environ=None):
    with pytest.raises(ConfigRefused) as caught:
        given(tmp_path, text, environ)
    return [str(fault) for fault in caught.value.faults]


def test_webhook_is_read_from_file_and_environment(tmp_path):
    text = f'[webhook]\nsigning_key = "1234"\nstandard_key = "{KEY}"\nallow = ["hooks.example.com"]\n'
    config = given(tmp_path, text, {"RECORDER_WEBHOOK__ALLOW": "*.example.com:443, 127.0.0.1:9000"})
    assert (config.webhook.signing_key, config.webhook.standard_key) == ("1234", KEY)
    assert config.webhook.allow == ("*.example.com:443", "127.0.0.1:9000")
    assert given(tmp_path, "", {"RECORDER_WEBHOOK__SIGNING_KEY": "007"}).webhook.signing_key == "007"


@pytest.mark.parametrize(
    "entry",
    ["", "a b", "http://a", "a:0", "a:70000", "10.0.0.0/33", "10.0.0.1/8", "::1:9000", "1.2.3", "a/8", "[::1", "*", 1],
)
def test_a_place_that_is_none_is_refused(tmp_path, entry):
    spelled = entry if isinstance(entry, int) else f'"{entry}"'
    (fault,) = faults(tmp_path, f"[webhook]\nallow = [{spelled}]\n")
    assert "webhook.allow: must be" in fault


@pytest.mark.parametrize(
    "entry", ["a", "*.a.b", "a_b.c:1", "10.0.0.0/8", "10.1.2.3:9000", "[::1]:9000", "[fd00::]/8", "[2001:db8::1]/128:5"]
)
def test_a_place_may_be_a_name_an_address_or_a_network(tmp_path, entry):
    assert given(tmp_path, f'[webhook]\nallow = ["{entry}"]\n').webhook.allow == (entry,)


def test_a_wrong_secret_is_not_repeated(tmp_path):
    text = '[webhook]\nsigning_key = 12345678\nstandard_key = "whsec_c2VjcmV0"\n'
    told = faults(tmp_path, text)
    assert len(told) == 2
    assert not any("12345678" in fault or "c2VjcmV0" in fault for fault in told)


def test_a_table_that_is_none_and_a_key_that_is_misspelled_are_refused(tmp_path):
    assert "must be a table" in faults(tmp_path, "webhook = 3\n")[0]
    assert 'did you mean "allow"?' in faults(tmp_path, "[webhook]\nalow = []\n")[0]


def test_an_authority_that_is_none_is_refused(tmp_path):
    file = tmp_path / "ca.pem"
    file.write_text("nothing\n")
    assert "webhook.ca" in faults(tmp_path, f'[webhook]\nca = "{file}"\n')[0]
    assert "webhook.ca" in faults(tmp_path, f'[webhook]\nca = "{tmp_path}/none.pem"\n')[0]


def test_check_config_shows_no_key(tmp_path, capsys):
    path = tmp_path / "recorder.toml"
    path.write_text(f'[webhook]\nsigning_key = "very secret"\nstandard_key = "{KEY}"\nallow = ["a", "b:1"]\n')
    assert main(["check-config", "--config", str(path), "--show"]) == 0
    shown = capsys.readouterr().out
    assert 'webhook.allow = ["a", "b:1"]' in shown
    assert "(secret)" in next(line for line in shown.splitlines() if line.startswith("webhook.signing_key"))
    assert "very secret" not in shown
    assert KEY not in shown


def test_retention_is_read_for_all_for_a_format_and_for_a_line(tmp_path):
    text = (
        "[retention]\nmax_age = 86400\nmin_free_bytes = 1_000_000_000\n[retention.mp3]\nmax_bytes = 5\n"
        '[lines.desk]\ndevice = "alsa:a"\n[lines.desk.retention]\nmax_age = 0\n'
    )
    environ = {"RECORDER_RETENTION__WAV__MAX_AGE": "60", "RECORDER_LINES__DESK__RETENTION__MAX_BYTES": "7"}
    config = given(tmp_path, text, environ)
    assert (config.retention.max_age, config.retention.min_free_bytes) == (86400.0, 1_000_000_000)
    assert config.retention.formats == {"wav": BoundsConfig(max_age=60.0), "mp3": BoundsConfig(max_bytes=5)}
    assert config.lines["desk"].retention == BoundsConfig(max_age=0.0, max_bytes=7)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[retention]\nmax_age = -1\n", "retention.max_age: must be"),
        ("[retention]\nmin_free_bytes = 1000\n", "retention.min_free_bytes: must be 0, or headroom_bytes"),
        ("[retention.mp3]\nmax_ages = 1\n", 'retention.mp3.max_ages: is no key; did you mean "max_age"?'),
        ("[retention.mp3]\nmin_free_bytes = 1\n", "retention.mp3.min_free_bytes: is no key"),
        ("[retention.ogg]\nmax_age = 1\n", "retention.ogg.max_age: is no key"),
        ("[retention]\nmp3 = 1\n", "retention.mp3: is no key"),
        ('[lines.a]\ndevice = "alsa:a"\nretention = 1\n', "lines.a.retention: must be a table"),
        ('[lines.a]\ndevice = "alsa:a"\n[lines.a.retention]\nmax_bytes = 1.5\n', "lines.a.retention.max_bytes"),
    ],
)
def test_bounds_that_are_none_are_refused(tmp_path, text, told):
    (fault,) = faults(tmp_path, text)
    assert told in fault

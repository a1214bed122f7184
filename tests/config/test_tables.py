"""[webhook], and what holds for every table of keys."""

import pytest

from recorder.cli.main import main
from recorder.config.faults import ConfigRefused
from recorder.config.load import load

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

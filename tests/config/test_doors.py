"""Where the network doors listen, and who must prove what: section 9's keys of section 6."""

import argparse

import pytest

from recorder.cli import check_config
from recorder.config.faults import ConfigRefused
from recorder.config.load import load

WALLBOARD = '[tokens.wallboard]\ntoken = "looks-on"\nread_only = true\n'


def write(tmp_path, text):
    path = tmp_path / "recorder.toml"
    path.write_text(text)
    return path


def faults(tmp_path, text, environ=None):
    with pytest.raises(ConfigRefused) as refused:
        load(write(tmp_path, text), environ or {})
    return {fault.key: str(fault) for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("127.0.0.1:80", "127.0.0.1:80"),
        ("localhost:8081", "127.0.0.1:8081"),
        ("[::1]:8443", "[::1]:8443"),
        ("[0:0::1]:08443", "[::1]:8443"),
        ("off", "off"),
    ],
)
def test_listen_address_is_spelled_one_way(tmp_path, given, kept):
    assert load(write(tmp_path, f'https_listen = "{given}"'), {}).https_listen == kept


@pytest.mark.parametrize(
    "given",
    ["", "8080", ":8080", "*:8080", "host:80", "::1:80", "[127.0.0.1]:80", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:²"],
)
def test_listen_address_is_refused(tmp_path, given):
    assert "http_listen" in faults(tmp_path, f'http_listen = "{given}"\ntoken = "x"')


@pytest.mark.parametrize("address", ["0.0.0.0:80", "[::]:80", "192.168.1.1:80", "[fe80::1]:80"])
@pytest.mark.parametrize("name", ["http_listen", "https_listen"])
def test_public_address_needs_a_token(tmp_path, name, address):
    assert "needs a token" in faults(tmp_path, f'{name} = "{address}"')[name]
    assert load(write(tmp_path, f'{name} = "{address}"\ntoken = "x"'), {})
    assert load(write(tmp_path, f'{name} = "{address}"\n{WALLBOARD}'), {})


def test_named_tokens_are_read_from_files_and_environment(tmp_path):
    config = load(write(tmp_path, WALLBOARD), {"RECORDER_TOKENS__CALL_DESK__TOKEN": "1234"})
    assert {name: (each.token, each.read_only) for name, each in config.tokens.items()} == {
        "wallboard": ("looks-on", True),
        "call-desk": ("1234", False),
    }


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("tokens = 3", "tokens"),
        ("[tokens]\nwallboard = 3", "tokens.wallboard"),
        ("[tokens.Wall_board]\ntoken = 'x'", "tokens.Wall_board"),
        ("[tokens.a]", "tokens.a.token"),
        ("[tokens.a]\ntoken = ''", "tokens.a.token"),
        ("[tokens.a]\ntoken = 'x'\nreadonly = true", "tokens.a.readonly"),
        ("token = 'x'\n[tokens.a]\ntoken = 'x'", "tokens.a.token"),
        ("https_cert = '/a'", "https_key"),
        ("https_key = '/a'", "https_cert"),
        ("https_listen = '127.0.0.1:8080'", "https_listen"),
        ("public_url = 'https://me@x'", "public_url"),
        ("public_url = 'https://x/?a=b'", "public_url"),
        ("public_url = 'ftp://x'", "public_url"),
    ],
)
def test_faults_of_doors_are_named(tmp_path, text, key):
    assert key in faults(tmp_path, text)


@pytest.mark.parametrize("secret", ["with space", "umläut", "line\\nfeed", "x" * 257])
def test_token_that_is_unfit_is_not_shown(tmp_path, secret):
    told = faults(tmp_path, f'token = "{secret}"')["token"]
    assert "must be" in told
    assert secret[:8] not in told


def test_check_config_shows_no_secret(tmp_path, capsys):

    path = write(tmp_path, f'token = "top-secret"\nruntime_dir = "{tmp_path}/run"\n{WALLBOARD}')
    assert check_config.run(argparse.ArgumentParser(), ["--config", str(path), "--show"]) == 0
    shown = capsys.readouterr().out
    assert 'token = "(secret)"' in shown
    assert "tokens.wallboard.read_only = true" in shown
    assert "top-secret" not in shown
    assert "looks-on" not in shown
    assert "top-secret" not in repr(load(path, {}))
    assert "looks-on" not in repr(load(path, {}))

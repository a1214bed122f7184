"""Secrets by systemd's credentials."""

import pytest

from recorder.config.faults import ConfigRefused
from recorder.config.load import load


@pytest.fixture
def give(tmp_path):
    directory = tmp_path / "credentials"
    directory.mkdir()

    def given(**files):
        for name, content in files.items():
            (directory / name.replace("__", ".")).write_bytes(content)
        config = tmp_path / "recorder.toml"
        config.write_text('token = "of-the-file"\n[tokens.wallboard]\nread_only = true\n')
        return load(config, {"CREDENTIALS_DIRECTORY": str(directory)})

    return given


def test_a_credential_is_the_secret_of_its_key_and_wins(give, tmp_path):
    config = give(recorder_token=b"secret\n", recorder_tokens__wallboard__token=b"other")
    assert (config.token, config.tokens["wallboard"].token) == ("secret", "other")
    assert config.tokens["wallboard"].read_only
    assert config.origins["token"] == str(tmp_path / "credentials/recorder_token")


def test_a_pem_file_stays_where_systemd_put_it(give, tmp_path):
    config = give(
        recorder_tokens__wallboard__token=b"x", recorder_https_cert=b"PEM", recorder_https_key=b"PEM", another=b"?"
    )
    assert config.https_key == tmp_path / "credentials/recorder_https_key"


def test_every_fault_of_credentials_is_named_and_no_secret_is(give):
    with pytest.raises(ConfigRefused) as refused:
        give(
            recorder_log_level=b"debug",
            recorder_token=b"two words",
            recorder_webhook__signing_key=b"\xff",
            recorder_mqtt__password=b"x" * 20000,
        )
    told = str(refused.value)
    for fault in (
        "recorder_log_level",
        "recorder_webhook.signing_key: webhook.signing_key: is no text in UTF-8",
        "more than 16384 bytes",
        "recorder_token: token: must be",
        "tokens.wallboard.token: is missing",
    ):
        assert fault in told
    assert "two words" not in told

"""Every configuration and payload that the pages show is one."""

import ctypes
import json
import re
import subprocess
from ctypes.util import find_library
from pathlib import Path

import pytest
import yaml

from recorder.config.load import load
from recorder.contract.envelope import parse_command
from recorder.contract.limits import Limits
from tests.docs.blocks import ROOT, Block, all_blocks
from tests.fixtures.certificates import Authority
from tests.fixtures.mosquitto import Mosquitto

LIMITS = Limits(listen=True, playback=True, pre_roll_max=20)


@pytest.mark.parametrize("block", all_blocks("toml"), ids=str)
def test_a_configuration_has_no_fault(tmp_path: Path, block: Block) -> None:
    Authority(tmp_path, "ca")
    path = tmp_path / "recorder.toml"
    path.write_text(block.text.replace("/etc/recorder", str(tmp_path)))
    assert load(path, {}).origins  # it says something


@pytest.mark.parametrize("block", all_blocks("json"), ids=str)
def test_a_payload_is_json_and_a_command_is_one(block: Block) -> None:
    text, decoder = block.text.strip(), json.JSONDecoder()
    while text:
        payload, end = decoder.raw_decode(text)
        text = text[end:].lstrip()
        if {"command", "record_call", "sections"} & set(payload):
            payload.pop("line", None)  # beside the command, on the control socket
            assert parse_command(payload, limits=LIMITS)


@pytest.mark.parametrize("block", all_blocks("yaml"), ids=str)
def test_a_document_is_taken(block: Block) -> None:
    document = yaml.safe_load(block.text)
    payloads = [json.loads(each["data"]["payload"]) for each in document.get("actions", [])]  # Home Assistant's
    assert [parse_command(command, limits=LIMITS) for command in payloads or [document]]


@pytest.mark.parametrize("block", all_blocks("python"), ids=str)
def test_a_program_is_one(block: Block) -> None:
    compile(block.text, str(block), "exec")


@pytest.mark.parametrize("block", all_blocks("ini"), ids=str)
def test_a_drop_in_is_taken_by_systemd(tmp_path: Path, block: Block) -> None:
    unit = tmp_path / "recorder-capture.service"
    text = (ROOT / "systemd/recorder-capture.service").read_text()
    unit.write_text(text.replace("=/usr/bin/recorder ", "=/bin/true "))
    folder = tmp_path / "recorder-capture.service.d"
    folder.mkdir()
    (folder / "own.conf").write_text(block.text)
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], check=False, capture_output=True, text=True
    )
    assert [line for line in told.stderr.splitlines() if "own.conf" in line or "recorder" in line] == []


def defined(block: Block, folder: Path) -> set[str]:
    """The PCMs that ALSA's own reader finds in a configuration."""
    path = folder / "asound.conf"
    path.write_text(block.text)
    alsa = ctypes.CDLL(find_library("asound"))
    top, source, found = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_void_p()
    assert alsa.snd_config_top(ctypes.byref(top)) == 0
    assert alsa.snd_input_stdio_open(ctypes.byref(source), str(path).encode(), b"r") == 0
    try:
        assert alsa.snd_config_load(top, source) == 0, block
        names = re.findall(r"^pcm\.(\w+)", block.text, re.MULTILINE)
        return {
            name for name in names if alsa.snd_config_search(top, f"pcm.{name}.type".encode(), ctypes.byref(found)) == 0
        }
    finally:
        alsa.snd_input_close(source)
        alsa.snd_config_delete(top)


@pytest.mark.parametrize("block", all_blocks("alsa"), ids=str)
def test_an_alsa_configuration_is_read_by_alsa(tmp_path: Path, block: Block) -> None:
    assert defined(block, tmp_path) == set(re.findall(r"^pcm\.(\w+)", block.text, re.MULTILINE)) != set()


def test_devices_that_are_named_are_defined(tmp_path: Path) -> None:
    pcms = {name for block in all_blocks("alsa") for name in defined(block, tmp_path)}
    named = {
        name
        for block in all_blocks("toml", "baresip")
        for name in re.findall(r"alsa[:,]([^\s\";]+)", block.text)
        if not re.match(r"(plug)?hw:", name)
    }
    assert named <= pcms | {"default"}


@pytest.mark.parametrize("block", all_blocks("baresip"), ids=str)
def test_a_baresip_account_has_its_form(block: Block) -> None:
    for line in block.text.splitlines():
        assert re.fullmatch(r"<sips?:[\w.-]+@[\w.-]+(;\w+=\w+)*>(;\w+=[^;\s]+)*|#.*|\w+\s+\S+", line), line


@pytest.mark.parametrize("block", all_blocks("asterisk"), ids=str)
def test_an_asterisk_configuration_has_its_form(block: Block) -> None:
    known = r"\[[\w-]+\]|;.*|(exten|same) => \S+,.*\w\(.*\)|\w+ = \S.*|"
    for line in block.text.splitlines():
        assert re.fullmatch(known, line.strip()), line
        assert line.count("(") == line.count(")"), line
        assert line.count("{") == line.count("}"), line


@pytest.mark.parametrize("block", all_blocks("mosquitto"), ids=str)
def test_an_access_list_is_taken_by_mosquitto(tmp_path: Path, block: Block) -> None:
    acl = tmp_path / "acl"
    acl.write_text(block.text)
    acl.chmod(0o600)
    with Mosquitto(tmp_path, f"acl_file {acl}") as broker:  # one that has a fault keeps it from starting
        assert broker.pid

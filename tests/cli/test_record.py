"""`recorder record`: from its options to a request, or every fault at once."""

import argparse
import struct
import wave
from pathlib import Path

import pytest

from recorder.cli import exits
from recorder.cli.failed import Failed
from recorder.cli.main import main
from recorder.cli.record_options import LINE_OPTIONS, add_record_options
from recorder.cli.record_request import request_of
from recorder.contract.bounds import CHECKS
from recorder.contract.parameters import Parameters


@pytest.fixture
def wav(tmp_path):
    """Make a WAV file of some channels; its path as INPUT."""

    def make(channels=1, rate=8000):
        path = tmp_path / f"{channels}.wav"
        with wave.open(str(path), "wb") as file:
            file.setparams((channels, 2, rate, 0, "NONE", ""))
            file.writeframes(struct.pack("<h", 7) * channels * 80)
        return f"file:{path}"

    return make


def parsed(*arguments):
    parser = argparse.ArgumentParser(allow_abbrev=False)
    add_record_options(parser)
    return parser.parse_known_args(arguments)


def request(*arguments):
    return request_of(*parsed(*arguments))


def refused(*arguments):
    with pytest.raises(Failed) as bad:
        request(*arguments)
    return bad.value


def test_every_parameter_and_line_key_is_an_option():
    args, _ = parsed()
    assert {*CHECKS, *LINE_OPTIONS} < set(vars(args))


def test_file_gives_rate_and_channels_and_record_calls_defaults(wav):
    got = request(wav(2, 16000), "-o", "out.wav")
    assert (got.line.rate, got.line.channels, got.line.listen_channel(2)) == (16000, 2, 1)
    assert (got.parameters, got.output, got.pace, got.overwrite) == (Parameters(), Path("out.wav"), "real", False)


def test_every_parameter_reaches_the_request(wav):
    options = {
        "control_id": "my id",
        "direction": "listen",
        "terminators": "#a",
        "input_sensitivity": "50",
        "initial_timeout": "1.5",
        "end_silence_timeout": "2",
        "max_length": "60",
        "status_url": "http://localhost/",
        "pre_roll": "3",
        "beep_interval": "5",
        "playback": "alsa:default",
    }
    flat = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", value)]
    assert request(wav(2), "-o", "x", *flat).parameters == Parameters(
        control_id="my id",
        direction="listen",
        terminators="#A",
        input_sensitivity=50.0,
        initial_timeout=1.5,
        end_silence_timeout=2.0,
        max_length=60.0,
        status_url="http://localhost/",
        pre_roll=3.0,
        beep_interval=5.0,
    )


def test_flags_reach_the_request(wav):
    got = request(wav(2), "-o", "x", "--stereo", "--force", "--loop", "--beep", "--playback", "alsa:a")
    assert (got.parameters.stereo, got.parameters.beep, got.overwrite, got.line.loop) == (True, True, True, True)


def test_device_takes_its_line_from_options():
    got = request("alsa:hw:1,0", "-o", "x", "--rate", "48000", "--channels", "4", "--speak", "2", "--listen", "3")
    line = got.line
    assert (line.device, line.rate, line.channels, line.speak, line.listen) == ("alsa:hw:1,0", 48000, 4, 2, 3)


def test_relative_path_counts_from_the_current_directory(wav, monkeypatch, tmp_path):
    wav()
    monkeypatch.chdir(tmp_path)
    assert request("file:1.wav", "-o", "x").line.device == f"file:{tmp_path}/1.wav"


def test_pace_max_is_kept(wav):
    assert request(wav(), "-o", "x", "--pace", "max").pace == "max"


def test_every_bad_option_is_told_at_once(capsys):
    arguments = ["record", "alsa:", "--rate", "7", "--speak", "x", "--max-length", "long", "--format", "ogg"]
    arguments += ["--terminators", "1,2", "--nonsense", "--input-sensitivity", "nan", "--pace", "slow"]
    assert main(arguments) == exits.USAGE
    told = capsys.readouterr().err.splitlines()
    assert [line.split(": ")[1] for line in told] == [
        '"--nonsense" is no option',
        "-o FILE is missing",
        "INPUT",
        "--rate",
        "--speak",
        "--pace",
        "--format",
        "--terminators",
        "--input-sensitivity",
        "--max-length",
    ]


def test_nothing_given_names_what_is_missing():
    assert refused().faults == ("INPUT is missing: alsa:NAME or file:PATH", "-o FILE is missing")


@pytest.mark.parametrize("name", sorted({*CHECKS, *LINE_OPTIONS, "output"} - {"stereo", "beep", "loop"}))
@pytest.mark.parametrize("value", ["x" * 10_000, "a\x1b[31mb", "a\nb", "\udcff"])
def test_hostile_value_is_refused_in_a_short_printable_sentence(wav, name, value):
    option = f"--{name.replace('_', '-')}={value}"
    if (name, len(value)) == ("output", 10_000):
        assert request(wav(), "-o", "x", option).output  # a long name is the file system's to judge
        return
    bad = refused(wav(), "-o", "x", option)
    assert bad.status == exits.USAGE
    assert all(fault.isprintable() and len(fault) < 300 for fault in bad.faults)


@pytest.mark.parametrize("given", ["", "hw:1", "alsa:", "file:", "/tmp/x.wav", "http://x/", "alsa:a\nb", "file:a\x00b"])
def test_input_of_another_form_is_refused(given):
    bad = refused(given, "-o", "x")
    assert bad.status == exits.USAGE
    assert any("alsa:NAME" in fault for fault in bad.faults)


def test_input_that_is_not_there_has_its_own_status(tmp_path):
    bad = refused(f"file:{tmp_path}/absent.wav", "-o", "x")
    assert (bad.status, len(bad.faults)) == (exits.NO_INPUT, 1)
    assert "No such file" in bad.faults[0]


@pytest.mark.parametrize("body", [b"", b"no wave", b"RIFF\x24\x00\x00\x00WAVE"])
def test_input_that_is_no_wav_has_its_own_status(tmp_path, body):
    path = tmp_path / "x.wav"
    path.write_bytes(body)
    assert refused(f"file:{path}", "-o", "x").status == exits.BAD_DATA


@pytest.mark.parametrize("option", ["--rate=16000", "--channels=2"])
def test_option_that_the_file_contradicts_is_refused(wav, option):
    assert refused(wav(), "-o", "x", option).status == exits.BAD_DATA


def test_listen_of_a_mono_file_is_refused(wav):
    assert "no listen" in refused(wav(), "-o", "x", "--direction", "listen").faults[0]
    assert request(wav(), "-o", "x", "--stereo").parameters.direction == "speak"


@pytest.mark.parametrize("option", ["--beep", "--beep-interval=10"])
def test_beep_without_playback_is_refused(wav, option):
    assert "no playback device" in refused(wav(), "-o", "x", option).faults[0]


@pytest.mark.parametrize("option", ["--loop", "--playback=alsa:a"])
def test_pace_max_excludes_what_has_no_end_or_needs_time(wav, option):
    assert "--pace max: excludes" in refused(wav(), "-o", "x", "--pace", "max", option).faults[0]


def test_pace_max_is_for_files():
    assert refused("alsa:a", "-o", "x", "--pace", "max").faults == ("--pace max: is for file:PATH only",)


def test_format_is_what_the_file_is_called_unless_it_is_said(wav):
    assert request(wav(), "-o", "x.mp3").parameters.format == "mp3"
    assert request(wav(), "-o", "x.MP3").parameters.format == "mp3"
    assert request(wav(), "-o", "x.audio", "--format", "mp3").parameters.format == "mp3"


def test_format_that_the_file_is_not_called_is_refused(wav):
    assert refused(wav(), "-o", "x.wav", "--format", "mp3").faults == ("--format: is mp3, but -o ends in .wav",)
    (fault,) = refused(wav(), "-o", "x.mp3", "--format", "flac").faults
    assert "flac" in fault


def test_an_output_that_ends_like_no_format_is_refused_with_the_endings_there_are(wav):
    bad = refused(wav(), "-o", "x.OGG")
    assert bad.status == exits.USAGE
    assert bad.faults == ("-o ends in .ogg: it must be .wav or .mp3 or .mp4, or --format says what the file shall be",)
    assert request(wav(), "-o", "take").parameters.format == "wav"


def test_standard_output_is_no_place_for_the_audio(wav):
    assert refused(wav(), "-o", "-").status == exits.USAGE
    assert request(wav(), "-o", "./-").output == Path("-")

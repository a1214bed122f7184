"""Parameters: what each parameter may be, its defaults per verb, and what a line adds."""

import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.contract.bounds import CHECKS
from recorder.contract.faults import Refused
from recorder.contract.limits import Limits
from recorder.contract.parameters import Parameters, parse_parameters

STEREO_LINE = Limits(listen=True, playback=True, pre_roll_max=20.0, formats=("wav", "mp3", "mp4"))
BARE_LINE = Limits(listen=False, playback=False)
VERBS = ("record_call", "record", "calling.record")
TIMES = ("initial_timeout", "end_silence_timeout", "max_length", "pre_roll")
NUMBERS = (*TIMES, "input_sensitivity", "beep_interval")
FLAGS = ("stereo", "beep")
STRINGS = ("control_id", "format", "direction", "terminators", "status_url")

HOSTILE_STRINGS = ["x" * 10_000, "#" * 10_000, "a\x00b", "a\nb", "\x7f", "../../etc/passwd\r\n", "\ud800", "\u202e"]
NEVER = [None, [], {}, ["wav"], {"a": 1}]


def faulty(raw, verb="record_call", limits=STEREO_LINE, **more):
    with pytest.raises(Refused) as refused:
        parse_parameters(verb, raw, limits=limits, **more)
    assert refused.value.status == 422
    return {fault.attribute: fault for fault in refused.value.faults}


@pytest.mark.parametrize(
    ("verb", "defaults"),
    [
        ("record_call", ("both", "", 0.0, 0.0, "wav")),
        ("record", ("speak", "#", 4.0, 5.0, "wav")),
        ("calling.record", ("speak", "#", 4.0, 0.5, "mp3")),
    ],
)
def test_defaults_are_those_of_the_verb(verb, defaults):
    got = parse_parameters(verb, {}, limits=STEREO_LINE)
    assert (got.direction, got.terminators, got.initial_timeout, got.end_silence_timeout, got.format) == defaults
    assert (got.input_sensitivity, got.max_length, got.pre_roll, got.beep_interval) == (44.0, 0.0, 0.0, 0.0)
    assert (got.stereo, got.beep, got.status_url, got.control_id) == (False, False, None, None)


def test_every_parameter_has_a_check():
    assert list(CHECKS) == list(asdict(Parameters()))


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize(
    "value", [True, False, "5", "", math.nan, math.inf, -math.inf, -0.001, -1, 10**400, 86401, *NEVER]
)
def test_number_refuses_what_is_none_in_range(name, value):
    assert list(faulty({name: value})) == [name]


@pytest.mark.parametrize("name", FLAGS)
@pytest.mark.parametrize("value", [0, 1, 1.0, "true", "false", "", math.nan, *NEVER])
def test_flag_refuses_what_is_no_boolean(name, value):
    assert list(faulty({name: value})) == [name]


@pytest.mark.parametrize("name", STRINGS)
@pytest.mark.parametrize("value", [0, 1, 1.5, True, math.nan, *NEVER, *HOSTILE_STRINGS])
def test_string_refuses_other_types_and_hostile_text(name, value):
    assert list(faulty({name: value})) == [name]


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("value", [*HOSTILE_STRINGS, pytest.param(10**5000, id="huge"), math.nan, None])
def test_refusal_is_short_and_printable(name, value):
    fault = faulty({name: value})[name]
    assert fault.detail.isprintable()
    assert len(fault.detail) < 300
    assert fault.detail.startswith(name)


@pytest.mark.parametrize("name", TIMES)
def test_time_bounds_are_allowed(name):
    long_enough = {"max_length": 86400} if name == "pre_roll" else {}
    most = 20 if name == "pre_roll" else 86400
    assert getattr(parse_parameters("record_call", {name: 0}, limits=STEREO_LINE), name) == 0.0
    assert getattr(parse_parameters("record_call", {name: most, **long_enough}, limits=STEREO_LINE), name) == most


@pytest.mark.parametrize("value", [5, 5.0, 3600, 0, -0.0])
def test_beep_interval_allows_off_and_five_seconds_to_an_hour(value):
    assert parse_parameters("record_call", {"beep_interval": value}, limits=STEREO_LINE).beep_interval == value


@pytest.mark.parametrize("value", [4.99, 0.001, 3600.1])
def test_beep_interval_refuses_other_spans(value):
    assert "0 or a number of seconds from 5 to 3600" in faulty({"beep_interval": value})["beep_interval"].detail


@pytest.mark.parametrize(
    ("value", "kept"),
    [("", ""), ("#", "#"), ("12a*#", "12A*#"), ("1121", "12"), ("aA", "A"), ("0123456789abcd*#", "0123456789ABCD*#")],
)
def test_terminators_are_a_set_in_any_case(value, kept):
    assert parse_parameters("record_call", {"terminators": value}, limits=STEREO_LINE).terminators == kept


@pytest.mark.parametrize("value", ["1,2", "E", "1 2", "\uff11", "#\n", "\u0661"])
def test_terminators_refuse_what_is_no_digit(value):
    assert "without commas" in faulty({"terminators": value})["terminators"].detail


@pytest.mark.parametrize("value", ["a", "x" * 128, "with space", "a/b#+$%", "Zürich ☎", "'; DROP TABLE--", "../.."])
def test_control_id_allows_printable_characters(value):
    assert parse_parameters("record_call", {"control_id": value}, limits=STEREO_LINE).control_id == value


@pytest.mark.parametrize("value", ["", "x" * 129, "tab\t", "a\u00a0b"])
def test_control_id_refuses_empty_long_and_unprintable(value):
    assert "control_id" in faulty({"control_id": value})


@pytest.mark.parametrize(
    "value",
    [
        "http://a",
        "https://example.com/hook?x=1&y=%20",
        "https://user:pw@example.com:8443/#part",
        "http://127.0.0.1:9/",
        "http://a_b.example./",
        "http://" + "a" * 63 + ".example/",
        "http://[::1]:8080/a",
        "HTTPS://EXAMPLE.com",
    ],
)
def test_status_url_allows_http_urls(value):
    assert parse_parameters("record_call", {"status_url": value}, limits=STEREO_LINE).status_url == value


@pytest.mark.parametrize(
    "value",
    [
        "",
        "example.com",
        "/path",
        "ftp://a/b",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://:80/",
        "http://a:0/",
        "http://a:65536/",
        "http://a:b/",
        "http://[::1",
        "http://[g]/",
        "http://a b/",
        "http://a/\r\nX: y",
        "http://a\\@b/",
        " http://a",
        "http://ä.example/",
        "http://%61/",
        "http://a..b/",
        "http://.a/",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 127 + "/",
        "http://a/" + "x" * 2048,
    ],
)
def test_status_url_refuses_what_is_no_http_url(value):
    assert "http or https URL" in faulty({"status_url": value})["status_url"].detail


def test_every_fault_is_named_at_once():
    raw = {"stereo": "yes", "format": "ogg", "max_length": -1, "terminators": "x", "max_lenght": 3, "beep": None}
    faults = faulty(raw)
    assert set(faults) == set(raw)
    assert faults["max_lenght"].code == "unknown_parameter"
    assert 'did you mean "max_length"?' in faults["max_lenght"].detail


def test_no_conflict_is_told_of_a_value_that_is_wrong_in_itself():
    assert list(faulty({"format": "ogg"}, "calling.record", BARE_LINE)) == ["format"]


@pytest.mark.parametrize("raw", [None, [], "record", 3, True, math.nan])
def test_parameters_that_are_no_object_are_refused(raw):
    assert list(faulty(raw)) == ["params"]


def test_thousands_of_unknown_keys_get_a_short_answer():
    with pytest.raises(Refused) as refused:
        parse_parameters("record_call", {f"key{n}" * 1000: n for n in range(5000)}, limits=STEREO_LINE)
    assert len(str(refused.value.to_json())) < 10_000
    assert "4980 more" in refused.value.faults[-1].detail


@pytest.mark.parametrize("direction", ["speak", "listen"])
def test_only_both_is_stereo(direction):
    assert not parse_parameters("record_call", {"stereo": True, "direction": direction}, limits=STEREO_LINE).stereo
    assert parse_parameters("record_call", {"stereo": True, "direction": "both"}, limits=STEREO_LINE).stereo


def test_both_on_a_line_without_listen_is_speak_alone():
    got = parse_parameters("record_call", {"stereo": True}, limits=BARE_LINE)
    assert (got.direction, got.stereo) == ("speak", False)


def test_listen_on_a_line_without_listen_is_refused():
    assert faulty({"direction": "listen"}, limits=BARE_LINE)["direction"].code == "unsupported"


def test_record_refuses_both_and_takes_no_control_id():
    faults = faulty({"direction": "both", "control_id": "a"}, "record")
    assert set(faults) == {"direction", "control_id"}
    assert faults["control_id"].code == "unknown_parameter"


@pytest.mark.parametrize("name", ["beep", "beep_interval"])
def test_beeps_need_a_playback_device(name):
    assert "no playback device" in faulty({name: True if name == "beep" else 10}, limits=BARE_LINE)[name].detail


def test_pre_roll_is_off_by_default():
    assert "pre_roll_max" in faulty({"pre_roll": 1}, limits=BARE_LINE)["pre_roll"].detail


def test_pre_roll_reaches_no_further_than_the_ring_less_two_seconds():
    short_ring = Limits(listen=True, playback=True, pre_roll_max=60.0, ring_seconds=12.0)
    assert parse_parameters("record_call", {"pre_roll": 10}, limits=short_ring).pre_roll == 10.0
    assert "at most 10 here, not 10.01" in faulty({"pre_roll": 10.01}, limits=short_ring)["pre_roll"].detail


@pytest.mark.parametrize("more", [{"beep": True}, {"max_length": 3}, {"max_length": 2}])
def test_pre_roll_excludes_a_beep_and_a_shorter_max_length(more):
    assert faulty({"pre_roll": 3, **more})["pre_roll"].code == "conflicting_parameters"


def test_format_that_this_installation_cannot_write_names_those_that_it_can():
    limits = Limits(listen=True, playback=True, formats=("wav", "mp3"))
    assert "it can write wav or mp3" in faulty({"format": "mp4"}, limits=limits)["format"].detail
    bare = replace(BARE_LINE, formats=("wav",))
    assert "it can write wav" in faulty({}, "calling.record", bare)["format"].detail


def test_line_defaults_stand_between_the_verbs_and_what_is_given():
    own = {"format": "wav", "max_length": 60, "terminators": "1"}
    got = parse_parameters("calling.record", {"terminators": "2"}, line_defaults=own, limits=STEREO_LINE)
    assert (got.format, got.max_length, got.terminators, got.end_silence_timeout) == ("wav", 60.0, "2", 0.5)


def test_line_default_of_both_does_not_make_record_impossible():
    got = parse_parameters("record", {}, line_defaults={"direction": "both"}, limits=STEREO_LINE)
    assert got.direction == "speak"


@pytest.mark.parametrize(
    ("name", "spelled", "value"),
    [
        ("max_length", "60", 60.0),
        ("max_length", " 1.5e1 ", 15.0),
        ("input_sensitivity", ".5", 0.5),
        ("stereo", "true", True),
        ("beep", "False", False),
        ("terminators", "12", "12"),
        ("control_id", "true", "true"),
    ],
)
def test_resolved_text_that_spells_a_number_or_boolean_is_one(name, spelled, value):
    assert getattr(parse_parameters("record_call", {name: spelled}, limits=STEREO_LINE, resolved={name}), name) == value


@pytest.mark.parametrize("spelled", ["nan", "inf", "1e999", "0x10", "1_000", "", "5 s", "\u0665", "true", "9" * 10_000])
def test_resolved_text_that_spells_no_number_is_refused(spelled):
    assert "max_length" in faulty({"max_length": spelled}, resolved={"max_length"})


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3))


@given(
    st.sampled_from(VERBS), st.dictionaries(st.sampled_from([*CHECKS, "Beep"]) | st.text(), JSON) | JSON, st.booleans()
)
def test_any_json_gives_parameters_within_bounds_or_a_refusal(verb, raw, full):
    try:
        got = parse_parameters(verb, raw, limits=STEREO_LINE if full else BARE_LINE)
    except Refused as refused:
        faults = refused.faults
    else:
        faults = ()
        assert all(0 <= getattr(got, name) <= 86400 for name in TIMES)
        assert got.direction in {"speak", "both"} or full
        assert set(got.terminators) <= set("0123456789ABCD*#")
    assert all(fault.detail.isprintable() and fault.attribute.isprintable() for fault in faults)
    assert len(str(faults).encode()) < 40_000

"""Commands: the envelope, its other two forms, and every command's params."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.contract.commands import (
    BeginCall,
    EndCall,
    PauseRecording,
    ResumeRecording,
    SendDigit,
    StartRecording,
    StopRecording,
)
from recorder.contract.envelope import command_id_of, parse_command
from recorder.contract.faults import Refused
from recorder.contract.limits import Limits
from recorder.contract.readers import READERS

LINE = Limits(listen=True, playback=True, formats=("wav", "mp3"))


def parse(raw, **more):
    return parse_command(raw, limits=LINE, **more)


def command(name, params=None, **envelope):
    return {"command": name, **({} if params is None else {"params": params}), **envelope}


def document(*verbs, **more):
    return {"version": "1.0.0", "sections": {"main": list(verbs)}, **more}


def faulty(raw):
    with pytest.raises(Refused) as refused:
        parse(raw)
    assert refused.value.status == 422
    return {fault.attribute: fault for fault in refused.value.faults}


def test_envelope_is_kept():
    got = parse(command("digit", {"digit": "5"}, id="call-1", command_id="c1", transaction=17, deadline=1.5e9))
    assert got == SendDigit(verb="digit", id="call-1", command_id="c1", transaction=17, deadline=1.5e9, digit="5")


def test_envelope_without_params_has_empty_ones():
    assert isinstance(parse(command("record_call")), StartRecording)


@pytest.mark.parametrize("verb", ["stop_record_call", "stop_call_record"])
def test_stop_keeps_the_spelling_and_needs_no_control_id(verb):
    assert parse(command(verb)) == StopRecording(verb=verb)
    assert parse({verb: {"control_id": "a"}}) == StopRecording(verb=verb, control_id="a")


@pytest.mark.parametrize(
    "raw",
    [
        command("record_call", {"max_length": 9}),
        {"record_call": {"max_length": 9}},
        document({"record_call": {"max_length": 9}}),
        {"sections": {"main": [{"record_call": {"max_length": 9}}]}},
        {"response": "ok", "action": [{"SWML": document({"record_call": {"max_length": 9}})}]},
    ],
)
def test_record_call_reads_alike_in_every_form(raw):
    got = parse(raw)
    assert isinstance(got, StartRecording)
    assert (got.verb, got.parameters.max_length, got.parameters.direction) == ("record_call", 9.0, "both")


@pytest.mark.parametrize(
    "action", [[], [{"SWML": document("record_call")}, {"SWML": document("stop_record_call")}], [{"say": "hi"}], "x"]
)
def test_function_result_of_anything_but_one_document_is_told_as_such(action):
    faults = faulty({"response": "ok", "action": action})
    assert list(faults) == ["action"]
    assert faults["action"].code == "unsupported"


def test_document_takes_a_verb_without_parameters_as_a_string():
    assert parse(document("stop_record_call")) == StopRecording(verb="stop_record_call")


def test_bare_verb_and_document_may_carry_the_envelopes_keys():
    assert parse({"record": {}, "transaction": "t"}).transaction == "t"
    assert parse(document({"record": {}}, id="call-1")).id == "call-1"


@pytest.mark.parametrize("audio", [{"audio": {"format": "wav"}}, {"record": {"audio": {"format": "wav"}}}])
def test_calling_record_takes_audio_in_record_or_alone(audio):
    got = parse(command("calling.record", {"control_id": "a", "status_url": "http://h/", **audio}))
    assert (got.parameters.control_id, got.parameters.status_url, got.parameters.format) == ("a", "http://h/", "wav")


@pytest.mark.parametrize("params", [{}, {"record": {}}, {"audio": {}}])
def test_calling_record_without_audio_has_the_defaults(params):
    got = parse(command("calling.record", params)).parameters
    assert (got.format, got.direction, got.end_silence_timeout) == ("mp3", "speak", 0.5)


def test_calling_record_refuses_record_and_audio_together():
    assert (
        faulty(command("calling.record", {"record": {"audio": {}}, "audio": {}}))["audio"].code
        == "conflicting_parameters"
    )


def test_calling_record_says_where_a_misplaced_parameter_belongs():
    faults = faulty(command("calling.record", {"beep": True, "audio": {"control_id": "a"}, "recrd": {}}))
    assert "stands in audio" in faults["beep"].detail
    assert "stands beside audio" in faults["control_id"].detail
    assert 'did you mean "record"?' in faults["recrd"].detail


@pytest.mark.parametrize("value", [None, 1, "a", []])
@pytest.mark.parametrize("name", ["record", "audio"])
def test_calling_record_refuses_audio_that_is_no_object(name, value):
    assert name in faulty(command("calling.record", {name: value}))


def test_pause_resume_stop_name_their_recording():
    assert parse(command("calling.record.pause", {"control_id": "a"})) == PauseRecording(
        verb="calling.record.pause", control_id="a", behavior="skip"
    )
    assert parse(command("calling.record.pause", {"control_id": "a", "behavior": "silence"})).behavior == "silence"
    assert parse(command("calling.record.resume", {"control_id": "a"})) == ResumeRecording(
        verb="calling.record.resume", control_id="a"
    )
    assert parse(command("calling.record.stop", {"control_id": "a"})) == StopRecording(
        verb="calling.record.stop", control_id="a"
    )


@pytest.mark.parametrize("verb", ["calling.record.pause", "calling.record.resume", "calling.record.stop"])
def test_control_id_is_needed_for_a_recording_by_name(verb):
    assert faulty(command(verb, {}))["control_id"].code == "missing_parameter"


@pytest.mark.parametrize("value", ["drop", "", None, True, 0])
def test_pause_refuses_another_behavior(value):
    assert list(faulty(command("calling.record.pause", {"control_id": "a", "behavior": value}))) == ["behavior"]


@pytest.mark.parametrize("value", ["", "12", "E", 5, None, "\n", "ß", "\uff11"])
def test_digit_refuses_what_is_no_digit(value):
    assert list(faulty(command("digit", {"digit": value}))) == ["digit"]


def test_digit_is_upper_case():
    assert parse(command("digit", {"digit": "a"})).digit == "A"


def test_call_begins_and_ends():
    params = {"call_id": "c", "state": "begin", "project_id": "p", "space_id": "", "metadata": {"from": "+49"}}
    assert parse(command("call", params)) == BeginCall(
        verb="call", call_id="c", project_id="p", space_id="", metadata={"from": "+49"}
    )
    assert parse(command("call", {"call_id": "c", "state": "end"})) == EndCall(verb="call", call_id="c")


@pytest.mark.parametrize("value", ["", "a b", "x" * 129, "a\nb", 3, None])
def test_call_id_is_printable_without_spaces(value):
    assert list(faulty(command("call", {"call_id": value, "state": "begin"}))) == ["call_id"]
    assert list(faulty(command("record_call", id=value))) == ["id"]


@pytest.mark.parametrize(
    "value",
    [None, [], {"a": 1}, {"a": None}, {"a": {"b": "c"}}, {1: "a"}, {"a": "x" * 4096}, {"a": "\x00"}, {"ä": "\ud800"}],
)
def test_metadata_is_flat_strings_up_to_four_kilobytes(value):
    params = {"call_id": "c", "state": "begin", "metadata": value}
    assert list(faulty(command("call", params))) == ["metadata"]


def test_a_command_whose_envelope_has_a_fault_is_no_repeat():
    assert command_id_of(command("digit", {"digit": "x"}, command_id="c")) == "c"
    assert command_id_of(command("digit", {"digit": "1"}, command_id="c", transaction="x" * 1000)) is None
    assert command_id_of(command("digit", {"digit": "1", "command_id": "c"}, deadline="now")) is None


def test_command_id_may_stand_in_params():
    assert parse(command("record_call", {"command_id": "c"})).command_id == "c"
    assert parse(command("digit", {"digit": "1", "command_id": "c"}, command_id="c")).command_id == "c"
    assert "command_id" in faulty(command("record_call", {"command_id": "c"}, command_id="d"))
    assert "command_id" in faulty(command("record_call", {"command_id": []}))


@pytest.mark.parametrize("value", [None, True, [], {}, "x" * 257, "\n", math.nan, math.inf, 10**400])
def test_transaction_is_a_number_or_a_short_string(value):
    assert list(faulty(command("record_call", transaction=value))) == ["transaction"]


@pytest.mark.parametrize("value", [None, True, "1", -1, math.nan, 1.7e12])
def test_deadline_is_in_unix_seconds(value):
    assert list(faulty(command("record_call", deadline=value))) == ["deadline"]


def test_every_fault_is_named_at_once_in_envelope_and_params():
    raw = command("record_call", {"beep": 1, "max_length": "x"}, id="a b", deadline="soon", parms={})
    faults = faulty(raw)
    assert set(faults) == {"beep", "max_length", "id", "deadline", "parms"}
    assert 'did you mean "params"?' in faults["parms"].detail


@pytest.mark.parametrize("name", ["calling.recrd", "play", "", None, 3, "x" * 10_000, ["record"], {}])
def test_unknown_command_is_refused_by_name(name):
    fault = faulty(command(name))["command"]
    assert fault.code == "unknown_command"
    assert fault.detail.isprintable()
    assert len(fault.detail) < 400


def test_unknown_command_is_suggested():
    assert 'did you mean "calling.record"?' in faulty(command("calling.recrd"))["command"].detail


@pytest.mark.parametrize("raw", [None, [], 3, "record_call", True, {}, {"recordcall": {}}])
def test_what_is_no_command_is_refused(raw):
    assert faulty(raw)


def test_two_bare_verbs_are_refused():
    fault = faulty({"record": {}, "record_call": {}})["command"]
    assert fault.code == "conflicting_parameters"
    assert "record_call and record stand side by side" in fault.detail


@pytest.mark.parametrize(
    "sections",
    [
        None,
        [],
        {},
        {"main": None},
        {"main": {}},
        {"main": []},
        {"main": [None]},
        {"main": [{}]},
        {"main": [{"record": {}, "record_call": {}}]},
        {"main": [{"record": {}}, {"record": {}}]},
        {"main": [{"sleep": 5}]},
        {"main": [{1: {}}]},
        {"main": [["record"]]},
        {"main": [{"record": {}}], "other": []},
    ],
)
def test_document_of_anything_but_one_verb_is_refused(sections):
    assert faulty({"sections": sections})


def test_document_names_every_verb_that_it_cannot_run():
    faults = faulty(document({"answer": {}}, {"ai": {}}, "hangup"))
    assert set(faults) == {"answer", "ai", "hangup", "sections"}


@pytest.mark.parametrize("version", ["2.0.0", 1, None])
def test_document_of_another_version_is_refused(version):
    assert "version" in faulty({"version": version, "sections": {"main": ["record"]}})


def test_line_defaults_reach_the_recording():
    assert parse({"record_call": {}}, line_defaults={"max_length": 60}).parameters.max_length == 60.0


KEYS = ["command", "params", "id", "sections", "main", "record", "audio", "record_call", "control_id", "action", "SWML"]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from([*READERS])
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=4),
)


@given(JSON | st.builds(command, st.sampled_from([*READERS]), JSON))
def test_any_json_gives_a_command_or_a_refusal(raw):
    try:
        verb, faults = parse(raw).verb, ()
    except Refused as refused:
        verb, faults = None, refused.faults
    assert (verb in READERS) != bool(faults)
    assert all(fault.detail.isprintable() and fault.attribute.isprintable() for fault in faults)

"""Which topics are ours, and which may be answered on."""

import pytest

from recorder.bridge.mqtt.topics import Topics

OURS = Topics("recorder", "box")


@pytest.mark.parametrize(
    ("topic", "line"),
    [
        ("recorder/box/lines/front/request", "front"),
        ("recorder/box/lines//request", ""),
        ("recorder/box/lines/a/b/request", None),
        ("recorder/box/lines/request", None),
        ("recorder/box/lines/front/response", None),
        ("recorder/boxx/lines/front/request", None),
        ("xrecorder/box/lines/front/request", None),
        ("", None),
    ],
)
def test_a_request_names_its_line(topic: str, line: str | None) -> None:
    assert OURS.line_of(topic) == line


@pytest.mark.parametrize(
    ("topic", "may"),
    [
        ("reply/x", True),
        ("reply/x/y z", True),
        ("recorder/other/x", True),
        ("recorder/boxes/x", True),
        ("reply/", False),
        ("reply", False),
        ("replyx", False),
        ("other/x", False),
        ("recorder/box", False),
        ("recorder/box/lines/front/request", False),
        ("reply/+", False),
        ("reply/a/#", False),
        ("reply/\0", False),
        ("reply/\n", False),
        ("reply/" + "ü" * 32_000, True),
        ("reply/" + "ü" * 33_000, False),
        ("$SYS/x", False),
        ("", False),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_an_answer_goes_below_a_prefix_and_never_to_us(topic: str, may: bool) -> None:
    assert OURS.may_answer_on(topic, ("reply/", "recorder/")) is may


def test_nothing_is_below_no_prefix() -> None:
    assert not OURS.may_answer_on("reply/x", ())

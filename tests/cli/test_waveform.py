"""A track drawn on a terminal."""

from recorder.cli.waveform import drawn

PIECE = {
    "recording_id": "01900000-0000-7000-8000-000000000000",
    "rate": 8000,
    "duration": 3.5,
    "start": 0,
    "peaks_per_second": 10,
    "voice_per_second": 100,
    "channels": [
        {
            "party": "speak",
            "peaks": [[0, 0]] * 10 + [[-32768, 9]] * 10 + [[0, 900]] * 15,
            "voice": [0] * 100 + [255] + [0] * 249,
        }
    ],
    "digits": [{"at": 2.5, "digit": "5", "party": "speak", "sent": False}],
    "pauses": [{"start": 1.0, "duration": 61.0, "behavior": "skip"}],
    "gaps": [{"start": 3.0, "duration": 0.2}],
}


def test_each_second_is_a_column_and_marks_come_in_order():
    _, _, bars, speech, *marks = drawn([PIECE])
    assert bars == " speak    0.0 s │ █▃▃"
    assert speech.endswith("│ ·")
    assert [mark.split() for mark in marks] == [
        ["1.0", "s", "pause", "of", "1:01,", "skip"],
        ["2.5", "s", "digit", "5,", "speak"],
        ["3.0", "s", "gap", "of", "0.2", "s"],
    ]


def test_a_long_one_goes_on_in_lines_of_a_minute():
    long = {**PIECE, "channels": [{"party": "both", "peaks": [[-1, 1]] * 700, "voice": []}], "digits": []}
    lines = [line for line in drawn([long]) if line.startswith("  both")]
    assert [line.split("│")[0].split()[1:] for line in lines] == [["0.0", "s"], ["1:00"]]
    assert [len(line.split("│")[1]) for line in lines] == [60, 10]

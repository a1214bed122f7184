from pathlib import Path

import pytest

from recorder.writers.layout import recording_path

ID = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


@pytest.mark.parametrize(
    ("time", "day"), [(0.0, "1970/01/01"), (1_704_067_199.999, "2023/12/31"), (1_704_067_200.0, "2024/01/01")]
)
def test_a_recording_stands_under_the_utc_day_of_its_first_frame(time, day):
    assert recording_path(Path("/r"), ID, time, "wav") == Path(f"/r/{day}/{ID}.wav")


@pytest.mark.parametrize("bad", ["", "..", "../../etc/passwd", ID.upper(), ID + "/", ID + "\n", "a" * 36])
def test_nothing_but_a_recording_id_becomes_a_path(bad):
    with pytest.raises(ValueError, match="not a recording id"):
        recording_path(Path("/r"), bad, 0.0, "wav")

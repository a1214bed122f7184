"""Plans, and how lines share devices."""

import json
from pathlib import Path

from recorder.capture.jobs import CaptureJob, Opening
from recorder.capture.spec import LineSpec, Plan, Site, Source, sources_of

LINES = (
    LineSpec("front", "alsa:hw:1,0", channels=4, listen=1, playback="alsa:hw:1,0"),
    LineSpec("one", "file:/x.wav", rate=0, channels=0, loop=True),
    LineSpec("back", "alsa:hw:1,0", channels=4, speak=2, listen=3),
    LineSpec("two", "file:/x.wav", rate=0, channels=0),
)


def test_lines_of_one_device_share_it_and_files_do_not() -> None:
    sources = sources_of(LINES)
    assert [[line.id for line in source.lines] for source in sources] == [["front", "back"], ["one"], ["two"]]
    assert [source.key for source in sources] == ["front", "one", "two"]


def test_plan_survives_json() -> None:
    plan = Plan(LINES, "/run/recorder", 12.5, "DEBUG")
    assert Plan.from_json(plan.to_json()) == plan
    assert plan.site == Site(Path("/run/recorder-capture"), 12.5, "DEBUG")


def test_job_survives_json() -> None:
    openings = (Opening(Source(LINES[:1]), "recorder_in_0", "device"), Opening(Source(LINES[1:2]), "", "restart"))
    job = CaptureJob(Site(Path("/run/x"), 30.0), openings)
    assert CaptureJob.from_json(json.loads(json.dumps(job.to_json()))) == job


def test_spec_reads_its_device() -> None:
    front, one = LINES[:2]
    assert (front.is_file, front.target, front.channel_map) == (False, "hw:1,0", (0, 1))
    assert (one.is_file, one.target, one.channel_map) == (True, "/x.wav", (0,))

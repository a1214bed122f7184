"""What must be true of a box after a power cut, given what it had told before."""

import json
from typing import Any

from tests.crash.decoding import FORMATS, LOSS_S, common, decoded
from tests.crash.reboot import Stands
from tests.crash.traced import Day

WHOLE = tuple(f".{suffix}" for suffix in (*FORMATS, "json", "track"))


class Oracle:
    """Judges what stands after a cut behind operation n. `worst_loss_s`: by format, the most that any cut has cost."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.worst_loss_s = dict.fromkeys(FORMATS, 0.0)

    def judge(self, n: int, stands: Stands) -> None:
        """Raise AssertionError naming what was promised and is not so."""
        self.nothing_told_is_lost(n, stands)
        for recording_id, row in stands.recordings.items():
            self.told_once_and_whole(stands, recording_id)
            self.has_its_file(n, stands, row)
        half = [name for name in stands.files if not name.endswith(WHOLE)]
        assert not half, f"half there: {half}"
        unknown = set(stands.beside) - set(stands.recordings)
        assert not unknown, f"files that no row knows: {unknown}"
        assert not stands.complaints, stands.complaints

    def nothing_told_is_lost(self, n: int, stands: Stands) -> None:
        """Every event printed, every command answered, every erasing answered is still so."""
        bodies = {event["event_id"]: event for event in stands.events}
        for told in self.day.events:
            if told.number <= n:
                assert bodies.get(told.what["event_id"]) == told.what, f"event lost: {told.what}"
        for transaction, told in self.day.answers.items():
            if told.number <= n:
                answer = stands.commands.get(f"{transaction}!")
                assert answer is not None, f"the answer to {transaction!r} is forgotten"
                assert answer["data"] == told.what["data"]
                if transaction.startswith("start "):
                    assert told.what["data"]["recording_id"] in stands.recordings, f"{transaction!r} is forgotten"
        begun = self.day.answers["begin"].number <= n
        assert not begun or [call["call_id"] for call in stands.calls][:1] == ["call-1"]
        for suffix in FORMATS:
            if self.day.marks[f"erased brief.{suffix}"].number <= n:
                brief = self.day.named(f"brief.{suffix}")
                assert stands.recordings[brief]["erased_at"] is not None
                assert brief not in stands.beside, "erased, but there"

    def told_once_and_whole(self, stands: Stands, recording_id: str) -> None:
        """Each recording has events 0, 1, 2 ... and exactly one end, the last."""
        seqs: dict[int, Any] = {}
        for event in stands.events:
            if event["params"]["recording_id"] == recording_id:
                assert event["seq"] not in seqs
                seqs[event["seq"]] = event
        assert list(seqs) == list(range(len(seqs))), f"events {list(seqs)} of {recording_id}"
        ends = [seq for seq, event in seqs.items() if "record" in event["params"]]
        assert ends == [len(seqs) - 1], f"ends {ends} in {len(seqs)} events of {recording_id}"
        row = stands.recordings[recording_id]
        assert row["state"] == seqs[ends[0]]["params"]["state"]

    def has_its_file(self, n: int, stands: Stands, row: dict[str, Any]) -> None:
        """The file is as its last event says, and what it may have lost is within the promise."""
        day, recording_id, suffix = self.day, row["recording_id"], row["format"]
        if row["erased_at"] is not None:
            assert day.marks[f"erasing {row['control_id']}"].number <= n
            return
        end = next(e for e in stands.events if e["params"]["recording_id"] == recording_id and "record" in e["params"])
        params, told = end["params"], day.ends[recording_id]
        files = stands.beside.get(recording_id, {})
        kept_s = 0.0
        if told.number <= n:
            assert files[suffix] == day.kept[recording_id], "a finished file has changed"
            assert not params["recovered"]
            kept_s = params["duration"]
        elif suffix not in files:
            assert (params["state"], params["end_reason"], params["size"]) == ("error", "interrupted", 0)
            assert "url" not in params
        else:
            assert params["recovered"] or end == told.what, "closed at the start, and the event does not say so"
            assert len(files[suffix]) == params["size"], f"{len(files[suffix])} bytes, told are {params['size']}"
            kept_s = self.genuine_s(recording_id, files[suffix], suffix, params["duration"])
        if suffix in files:
            beside = json.loads(files["json"])
            assert beside["event"]["event_id"] == end["event_id"], "the sidecar tells of another end"
        loss = self.expected_s(recording_id, n) - kept_s
        self.worst_loss_s[suffix] = max(self.worst_loss_s[suffix], loss)
        assert loss <= LOSS_S[suffix], f"{loss:.2f} s of {row['control_id']} are lost"

    def genuine_s(self, recording_id: str, audio: bytes, suffix: str, told_s: float) -> float:
        """How much of the file is, from its beginning, what the undisturbed one has; it plays as long as was told."""
        sounds, true = decoded(audio, suffix), decoded(self.day.kept[recording_id], suffix)
        assert sounds.complaints == "", sounds.complaints
        assert abs(sounds.seconds - told_s) <= sounds.tolerance_s, f"plays {sounds.seconds} s, told are {told_s} s"
        same = common(sounds.pcm, true.pcm)
        if suffix == "wav":  # what was not synced may be lacking, but nothing else can stand there
            assert all(byte in {right, 0} for byte, right in zip(sounds.pcm[same:], true.pcm[same:], strict=False))
        return same / len(true.pcm) * true.seconds if true.pcm else 0.0

    def expected_s(self, recording_id: str, n: int) -> float:
        """How long the file would have been at the cut, had nothing been between the line and the disk."""
        day, told = self.day, self.day.ends[recording_id]
        control_id = told.what["params"]["control_id"]
        now = day.operations[n - 1].at
        if n >= day.marks["stopping"].number and n < day.marks["restarted"].number:
            return 0.0  # nobody wrote: what the ring held has gone with the power
        end = min(now, told.what["params"]["end_time"])
        length = end - told.what["params"]["start_time"]
        name = control_id.partition(".")[0]
        pause, resume = day.answers.get(f"pause {control_id}"), day.answers.get(f"resume {control_id}")
        if name == "long" and pause is not None and resume is not None:
            length -= max(0.0, min(end, resume.at) - pause.at)
        return length

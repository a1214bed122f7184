"""A process that records through the pool, checkpoint by checkpoint, is killed again and again."""

import random
import subprocess
import sys
import wave

from recorder.store.slots import StateFile

STEP = 2000
STEPS_A_LIFE = 6
FRAMES = 150 * STEP  # more than twenty lives of so many steps
LIFE = """
import asyncio, random, sys
from pathlib import Path

from recorder.recording.actions import AppendFrames, AppendSilence, CloseFile, OpenFile
from recorder.store.slots import StateFile
from recorder.writers.pool import WriterPool
from recorder.writers.reports import Closed, Failed, Sealed
from recorder.writers.source import Mixing
from recorder.writers.wav import WavWriter

root, frames = Path(sys.argv[1]), int(sys.argv[2])
pcm = random.Random(0).randbytes(frames * 2)

class Tape:
    rate, channels, head = 8000, 1, frames
    def read(self, first, count):
        return pcm[first * 2 : (first + count) * 2]

async def main(steps):
    sealed = asyncio.Event()
    def report(told):
        assert not isinstance(told, Failed), told
        if isinstance(told, Closed):
            pool.seal("a", {"frames": told.frames})
        if isinstance(told, Sealed):
            sealed.set()
    state = StateFile(root / "state")
    at = int(state.read() or b"0")
    print("from", at, flush=True)
    pool = WriterPool(report)
    pool.add("a", WavWriter(root / "a.wav", 8000, 1, frames, resume=True), Tape(), Mixing(1, "speak", stereo=False))
    pool.perform("a", OpenFile())
    while at < frames:
        for _ in range(5):
            pool.perform("a", AppendFrames(at, at, 400))
            at += 400
        await pool.flushed(["a"])
        state.write(b"%d" % at)
        print("at", at, flush=True)
        steps -= 1
        if steps == 0:
            sys.stdin.read()  # far enough for one life: here the kill comes at the latest
    pool.perform("a", CloseFile(frames, keep=True))
    await sealed.wait()
    await pool.close()

asyncio.run(main(int(sys.argv[3])))
"""


def test_nothing_is_lost_or_doubled_by_twenty_kills(tmp_path):
    expected = random.Random(0).randbytes(FRAMES * 2)
    life = [sys.executable, "-c", LIFE, str(tmp_path), str(FRAMES)]
    chance = random.Random(1)
    for _ in range(20):
        process = subprocess.Popen([*life, str(STEPS_A_LIFE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(chance.randrange(1, STEPS_A_LIFE)):
            process.stdout.readline()
        process.kill()
        process.communicate()
        state = StateFile(tmp_path / "state")
        checkpoint = int(state.read() or b"0")
        state.close()
        held = (tmp_path / "a.wav.part").read_bytes()[44:]
        assert len(held) >= checkpoint * 2
        assert expected.startswith(held)
    assert 0 < checkpoint < FRAMES
    last = subprocess.run([*life, "-1"], capture_output=True, text=True, check=True)
    assert last.stdout.startswith(f"from {checkpoint}\n")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.readframes(file.getnframes()) == expected
    assert {file.name for file in tmp_path.iterdir()} == {"a.wav", "a.json", "state"}

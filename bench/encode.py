"""One file encoded in a process of its own: `python -m bench.encode WHO FORMAT IN.wav OUT [STEP_MS]`.

WHO is `ours`, our writers behind their pool, which are given STEP_MS at a time (1000), or `lameenc`, a bare loop. In
steps of less than a second all is flushed each second, as the checkpoints of a service have it.
"""

import asyncio
import sys
import wave
from pathlib import Path

import lameenc

from recorder.capture.wavfile import WavSource
from recorder.recording.actions import AppendFrames, CloseFile, OpenFile
from recorder.writers import formats
from recorder.writers.pool import WriterPool
from recorder.writers.reports import Closed, Failed, Report, Sealed
from recorder.writers.source import Mixing
from recorder.writers.writer import Filing, Tags

BREATHE_EVERY_S = 10  # then the writers catch up, as they do behind `recorder record --pace max`
CHECKPOINT_EVERY_MS = 1000


class Tape(WavSource):
    """A WAV file as the source of a line."""

    @property
    def head(self) -> int:
        return self.frames


async def ours(format_: str, given: str, out: Path, step_ms: int) -> None:
    sealed = asyncio.Event()

    def report(told: Report) -> None:
        if isinstance(told, Failed):
            raise SystemExit(told.message)
        if isinstance(told, Closed):
            pool.seal("a")
        if isinstance(told, Sealed):
            sealed.set()

    tape, pool = Tape(given), WriterPool(report)
    mixing = Mixing(tape.channels, "both", stereo=True)
    tags = Tags("a", "b", 1.7e9)
    filing = Filing(path=out, rate=tape.rate, channels=mixing.channels, most_frames=tape.frames, tags=tags)
    pool.add("a", formats.writer(format_, filing), tape, mixing)
    pool.perform("a", OpenFile())
    step = tape.rate * step_ms // 1000
    flush_frames = tape.rate * (BREATHE_EVERY_S if step_ms >= 1000 else CHECKPOINT_EVERY_MS / 1000)
    for at in range(0, tape.frames, step):
        pool.perform("a", AppendFrames(at, at, min(step, tape.frames - at)))
        if (at + step) % flush_frames == 0:
            await pool.flushed()
    pool.perform("a", CloseFile(tape.frames, keep=True))
    await sealed.wait()
    await pool.close()


def bare(given: str, out: Path) -> None:
    with wave.open(given) as source, out.open("wb") as file:
        rate, channels = source.getframerate(), source.getnchannels()
        encoder = lameenc.Encoder()
        encoder.silence()
        encoder.set_channels(channels)
        encoder.set_in_sample_rate(rate)
        encoder.set_out_sample_rate(rate)
        encoder.set_bit_rate(16 * channels)
        encoder.set_quality(5)
        while pcm := source.readframes(rate):
            file.write(encoder.encode(pcm))
        file.write(encoder.flush())


def main() -> None:
    who, format_, given, out, *step = sys.argv[1:]
    Path(out).unlink(missing_ok=True)
    if who == "ours":
        asyncio.run(ours(format_, given, Path(out), int(step[0]) if step else 1000))
    else:
        bare(given, Path(out))


if __name__ == "__main__":
    main()

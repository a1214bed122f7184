"""Programs that make a file of a WAV file, as command lines: ours, and the field's with the same settings."""

import shutil
import subprocess
import sys
from dataclasses import dataclass

RATE, CHANNELS = 8000, 2
MP3_KBIT_S, AAC_KBIT_S = 32, 40
PACKAGES = {
    "ffmpeg": "ffmpeg",
    "sox": "sox libsox-fmt-mp3",
    "gst-launch-1.0": "gstreamer1.0-tools gstreamer1.0-plugins-good gstreamer1.0-plugins-bad gstreamer1.0-libav",
}
DETECTED = (
    "wavenc name=out ! filesink location={out} interleave name=both ! out. filesrc location={given} ! wavparse ! "
    "deinterleave name=each "
    "each.src_0 ! queue ! dtmfdetect ! level ! both.sink_0 each.src_1 ! queue ! dtmfdetect ! level ! both.sink_1"
)


@dataclass(frozen=True)
class Encoder:
    """`command` with {given} and {out}; `row` says what it makes, `bar` what it may cost at most of `against`."""

    row: str
    name: str
    command: str
    against: str = ""
    bar: float = 0.0

    @property
    def program(self) -> str:
        return self.command.split()[0]

    def words(self, given: str, out: str) -> list[str]:
        return [word.format(given=given, out=out) for word in self.command.split()]


def _ours(format_: str, step_ms: int) -> str:
    return f"{sys.executable} -m bench.encode ours {format_} {{given}} {{out}} {step_ms}"


def _gst(rest: str) -> str:
    return f"gst-launch-1.0 -q filesrc location={{given}} ! wavparse ! {rest} ! filesink location={{out}}"


ENCODERS = (
    Encoder("mp3", "ours, as serve", _ours("mp3", 20), "lameenc, a bare loop", 1.10),
    Encoder("mp3", "ours, 1 s at a time", _ours("mp3", 1000), "lameenc, a bare loop"),
    Encoder("mp3", "lameenc, a bare loop", f"{sys.executable} -m bench.encode lameenc mp3 {{given}} {{out}}"),
    Encoder(
        "mp3",
        "ffmpeg",
        f"ffmpeg -v error -nostdin -y -i {{given}} -c:a libmp3lame -b:a {MP3_KBIT_S}k -compression_level 5"
        " -f mp3 {out}",
    ),
    Encoder("mp3", "sox", f"sox {{given}} -C {MP3_KBIT_S}.5 -t mp3 {{out}}"),
    Encoder("mp3", "GStreamer", _gst(f"lamemp3enc target=bitrate cbr=true bitrate={MP3_KBIT_S}")),
    Encoder("mp4", "ours, as serve", _ours("mp4", 20), "ffmpeg", 0.25),
    Encoder("mp4", "ours, 1 s at a time", _ours("mp4", 1000), "ffmpeg"),
    Encoder("mp4", "ffmpeg", f"ffmpeg -v error -nostdin -y -i {{given}} -c:a aac -b:a {AAC_KBIT_S}k -f mp4 {{out}}"),
    Encoder("mp4", "GStreamer", _gst(f"audioconvert ! avenc_aac bitrate={AAC_KBIT_S}000 ! mp4mux")),
    Encoder("wav", "ours, as serve", _ours("wav", 20)),
    Encoder("wav", "ours, 1 s at a time", _ours("wav", 1000)),
    Encoder("wav", "ffmpeg", "ffmpeg -v error -nostdin -y -i {given} -c:a pcm_s16le -f wav {out}"),
    Encoder("wav", "sox", "sox {given} -t wav {out}"),
    Encoder("wav", "GStreamer", _gst("wavenc")),
    Encoder(
        "wav, detection",
        "ours",
        f"{sys.executable} -m recorder record file:{{given}} -o {{out}} --format wav --stereo --pace max --force"
        " --terminators # --end-silence-timeout 3600",
        "GStreamer",
    ),
    Encoder("wav, detection", "GStreamer", f"gst-launch-1.0 -q {DETECTED}"),
)


def missing(encoder: Encoder) -> str:
    """Why this one can't be measured here; nothing if it can."""
    if shutil.which(encoder.program) is None:
        return f"{encoder.program} is not installed: apt-get install {PACKAGES[encoder.program]}"
    if encoder.name == "GStreamer":
        named = ("lamemp3enc", "avenc_aac", "mp4mux", "wavparse", "wavenc", "deinterleave", "interleave", "dtmfdetect")
        for element in (one for one in named if one in encoder.command.split()):
            if subprocess.run(["gst-inspect-1.0", "--exists", element], check=False).returncode:
                return f"GStreamer has no {element} here: apt-get install {PACKAGES[encoder.program]}"
    return ""

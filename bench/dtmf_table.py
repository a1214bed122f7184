"""The DTMF table: its rows by name, and how a detector does at each."""

from bench import codecs
from bench import dtmf_line_rows as line
from bench import dtmf_rows as rows
from bench import dtmf_signalling_rows as signalling
from bench.dtmf_signals import RATE, Pcm
from bench.peers import Detector
from bench.talk import SPEEDS

CHUNK = RATE * 60  # of talk-off material


def table(speech: Pcm | None, *, shifted: bool) -> dict[str, rows.Row]:
    """All rows; what must not be heard has no expected digits, so every one told is an error."""
    named = must_and_must_not() | faults() | lines()
    named["music: none"] = line.music
    named["a voice that sings the tones of A: none"] = line.singing
    named["tones of the network: none"] = rows.lone_tones
    named["ringback, busy, SIT, fax, modem: none"] = line.tones_of_the_network
    named["R1, R2, C5: none"] = signalling.registers
    named["FSK and PSK modems: none"] = signalling.modems
    named["one tone, or two of a side: none"] = signalling.lone_sides
    if speech is not None:
        named |= {f"speech {snr} dB below": rows.over_speech(speech, snr) for snr in (15, 10, 5)}
        named[f"talk-off, {hours(speech)}: none"] = talk_off(speech)
    if speech is not None and shifted:
        total = sum(len(speech) / speed for speed in SPEEDS) / RATE / 3600
        named[f"talk-off at other speeds, {total:.1f} h: none"] = lambda: (
            (line.sped(piece, speed), "") for speed in SPEEDS for piece, _ in talk_off(speech)()
        )
    return named


def must_and_must_not() -> dict[str, rows.Row]:
    named: dict[str, rows.Row] = {}
    for sides in ("both", "low", "high"):
        for share, expected in ((0.015, True), (0.035, False)):
            verb = "heard" if expected else "not heard"
            named[f"deviation {share:.1%}, {sides}: {verb}"] = rows.deviation(share, sides, expected=expected)
    for twist, expected in ((-8, True), (4, True), (-12.1, False), (8.1, False)):
        named[f"twist {twist:+} dB: {'heard' if expected else 'not heard'}"] = rows.twist(twist, expected=expected)
    for level, expected in ((0, True), (-20, True), (-40, True), (-55, False)):
        named[f"level {level} dBm0: {'heard' if expected else 'not heard'}"] = rows.level(level, expected=expected)
    for ms, expected in ((40, True), (23, False)):
        named[f"duration {ms} ms: {'heard' if expected else 'not heard'}"] = rows.duration(ms, expected=expected)
    return named


def faults() -> dict[str, rows.Row]:
    named = {"pause of 40 ms splits": rows.pause(40)}
    for hole, whole in ((10, 50), (10, 100), (20, 80), (20, 200)):
        named[f"{hole} ms lost of {whole} do not split"] = rows.drop_out(hole, whole)
    named |= {f"white noise {snr} dB below": rows.noise(snr) for snr in (12, 9, 6)}
    named |= {f"echo -10 dB after {ms} ms": rows.echo(ms) for ms in (5, 10, 20)}
    named["dial tone 350+440 at -14 dBm0"] = rows.dial_tone((350, 440), -14)
    named["dial tone 425 at -11 dBm0"] = rows.dial_tone((425,), -11)
    return named


def lines() -> dict[str, rows.Row]:
    named: dict[str, rows.Row] = {}
    if codecs.installed():
        for name in codecs.CODECS:
            for ms in (45, 50, 60, 80):
                named[f"{name}, {ms} ms"] = line.codec(name, ms, ms)
    return named | {
        "40 ms on, 40 ms off": line.regenerated(40, 40),
        "40 ms that come up over 12 ms": line.risen(12),
        "50 ms on, 50 ms off": line.regenerated(50, 50),
        "100 ms, cut hard": line.regenerated(100, 60),
        "mains hum at -15 dBm0": line.bent(line.with_hum),
        "offset of 4000": line.bent(line.with_offset),
        "third tone, 2700 Hz at -25 dBm0": line.bent(line.with_tone(2700, -25)),
        "clipped at full scale": line.bent(line.clipped),
        "40 ms, -36 dBm0, both 1.5 % off, twist -8 dB": rows.corners(-8, -28),
        "40 ms, -36 dBm0, both 1.5 % off, twist +4 dB": rows.corners(4, -32),
        "40 ms at 0 dBm0, both 1.5 % off": rows.corners(0, 0),
        "gain control of 12 dB": line.bent(line.with_gain_control),
        "fades of 9 dB, noise, 100 ms": line.bent(line.with_fades, 100, 100),
        "every 5th packet repeated, 100 ms": line.bent(line.with_repeats(5), 100, 100),
    }


def hours(speech: Pcm) -> str:
    return f"{len(speech) / RATE / 3600:.1f} h"


def talk_off(speech: Pcm) -> rows.Row:
    return lambda: ((speech[at : at + CHUNK], "") for at in range(0, len(speech), CHUNK))


def score(row: rows.Row, detectors: dict[str, Detector]) -> dict[str, tuple[int, int, int]]:
    """Of each detector: digits missed, digits told that were none, digits sent."""
    scores = dict.fromkeys(detectors, (0, 0, 0))
    for pcm, expected in row():
        for name, detect in detectors.items():
            missed, false, sent = scores[name]
            lost, more = errors(expected, detect(pcm))
            scores[name] = missed + lost, false + more, sent + len(expected)
    return scores


def errors(expected: str, told: str) -> tuple[int, int]:
    """Missed and false in the cheapest alignment; a digit taken for another is both, at one and a half of either."""
    row = [(2.0 * j, 0, j) for j in range(len(told) + 1)]
    for i, sent in enumerate(expected, 1):
        above, row = row, [(2.0 * i, i, 0)]
        for j, heard in enumerate(told, 1):
            cost, missed, false = above[j - 1]
            both = (cost, missed, false) if sent == heard else (cost + 3, missed + 1, false + 1)
            lost = (above[j][0] + 2, above[j][1] + 1, above[j][2])
            more = (row[j - 1][0] + 2, row[j - 1][1], row[j - 1][2] + 1)
            row.append(min(both, lost, more))
    return row[-1][1], row[-1][2]

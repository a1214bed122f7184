"""The bars of DTMF detection, row by row of ITU-T Q.24 and the Mitel procedure: exact, on seeded signals."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import dtmf_line_rows as line
from bench import dtmf_rows as rows
from bench import dtmf_signalling_rows as signalling
from bench.dtmf_signals import DIGITS, RATE, Tone, amplitude, dialled, saturated, silence, white
from recorder.dsp import RATES, DigitDetector, DigitEvent

ROWS = {
    "both_tones_off_1.5_percent_are_heard": rows.deviation(0.015, "both", expected=True),
    "both_tones_off_3.5_percent_are_not": rows.deviation(0.035, "both", expected=False),
    "low_tone_off_1.5_percent_is_heard": rows.deviation(0.015, "low", expected=True),
    "low_tone_off_3.5_percent_is_not": rows.deviation(0.035, "low", expected=False),
    "low_tone_off_4.3_percent_is_not": rows.deviation(0.043, "low", expected=False),
    "high_tone_off_1.5_percent_is_heard": rows.deviation(0.015, "high", expected=True),
    "high_tone_off_3.5_percent_is_not": rows.deviation(0.035, "high", expected=False),
    "twist_of_minus_8_is_heard": rows.twist(-8, expected=True),
    "twist_of_plus_4_is_heard": rows.twist(4, expected=True),
    "twist_of_minus_8_is_heard_at_full_level": rows.twist(-8, expected=True, level=0.0),
    "twist_of_minus_12_is_not": rows.twist(-12.1, expected=False),
    "twist_of_plus_8_is_not": rows.twist(8.1, expected=False),
    "level_of_0_dbm0_saturated_is_heard": rows.level(0, expected=True),
    "level_of_minus_40_is_heard": rows.level(-40, expected=True),
    "level_of_minus_55_is_not": rows.level(-55, expected=False),
    "40_ms_are_heard_at_any_alignment": rows.duration(40, expected=True),
    "23_ms_are_not_at_any_alignment": rows.duration(23, expected=False),
    "40_ms_of_pause_split": rows.pause(40),
    "10_ms_of_drop_out_do_not_split_50_ms": rows.drop_out(10, 50),
    "10_ms_of_drop_out_do_not_split_100_ms": rows.drop_out(10, 100),
    "a_lost_packet_does_not_split_80_ms": rows.drop_out(20, 80),
    "noise_12_db_below_hides_none": rows.noise(12, 20),
    "noise_9_db_below_hides_none": rows.noise(9, 20),
    "echo_after_5_ms_confuses_none": rows.echo(5),
    "echo_after_10_ms_confuses_none": rows.echo(10),
    "echo_after_20_ms_confuses_none": rows.echo(20),
    "dial_tone_of_350_and_440_hz_hides_none": rows.dial_tone((350, 440), -14),
    "dial_tone_of_425_hz_hides_none": rows.dial_tone((425,), -11),
    "tones_of_the_network_are_no_digits": rows.lone_tones,
    "a_voice_that_sings_the_tones_of_a_digit_is_none": line.singing,
    "ringback_busy_sit_fax_and_modem_are_no_digits": line.tones_of_the_network,
    "a_law_is_clean": line.codec("A-law", 50, 50, 3),
    "mu_law_is_clean": line.codec("mu-law", 50, 50, 3),
    "g726_is_clean": line.codec("G.726", 50, 50, 3),
    "gsm_is_clean": line.codec("GSM-FR", 60, 60, 4),
    "aac_is_clean": line.codec("AAC 16k", 50, 50, 3),
    "opus_is_clean": line.codec("Opus 12k", 50, 50, 3),
    "speex_is_clean": line.codec("Speex", 50, 50, 3),
    "all_limits_at_once_are_heard_with_twist_of_minus_8": rows.corners(-8, -28),
    "all_limits_at_once_are_heard_with_twist_of_plus_4": rows.corners(4, -32),
    "all_limits_at_once_are_heard_at_full_level": rows.corners(0, 0),
    "registers_signal_no_digits": signalling.registers,
    "modems_are_no_digits": signalling.modems,
    "tones_of_one_side_are_no_digits": signalling.lone_sides,
    "10_ms_of_pause_between_others": line.regenerated(60, 10),
    "autodialler_of_40_ms_is_heard": line.regenerated(40, 40),
    "40_ms_that_come_up_over_13_ms_are_heard": line.risen(13),
    "autodialler_of_50_ms_is_heard": line.regenerated(50, 50),
    "mains_hum_hides_none": line.bent(line.with_hum),
    "offset_hides_none": line.bent(line.with_offset),
    "third_tone_hides_none": line.bent(line.with_tone(2700, -25)),
    "clipping_hides_none": line.bent(line.clipped),
    "gain_control_splits_none": line.bent(line.with_gain_control),
    "fades_split_none": line.bent(line.with_fades, 100, 100),
    "repeated_packets_split_none": line.bent(line.with_repeats(5), 100, 100),
}


def heard(pcm: np.ndarray, rate: int = RATE) -> list[DigitEvent]:
    detector = DigitDetector(rate)
    return detector.process(pcm) + detector.flush()


def digits(events: list[DigitEvent]) -> str:
    return "".join(event.digit for event in events if event.kind == "on")


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_digits_are_told_neither_more_nor_fewer(row: rows.Row) -> None:
    trials = list(row())
    assert [digits(heard(pcm)) for pcm, _ in trials] == [expected for _, expected in trials]


@pytest.mark.parametrize("rate", RATES)
def test_digit_is_told_with_its_first_and_last_frame_at_every_rate(rate: int) -> None:
    for digit in DIGITS:
        tone = Tone(ms=60).samples(digit, rate)
        lead = np.zeros(rate // 10)
        on, off = heard(saturated(np.concatenate([lead, tone, lead])), rate)
        assert (on.kind, on.digit, off.kind, off.digit) == ("on", digit, "off", digit)
        assert abs(on.frame - len(lead)) <= rate // 500  # 2 ms
        assert abs(off.frame - (len(lead) + len(tone) - 1)) <= rate // 500


def test_digit_is_told_within_40_ms_on_the_median_and_never_later_than_latency_frames() -> None:
    delays = []
    for digit in DIGITS:
        for shift in range(0, 40, 3):
            signal, (start,) = dialled(digit, Tone(ms=50, phase=shift), 60, shift=shift)
            pcm, detector = saturated(signal), DigitDetector(RATE)
            told = next(end for end in range(1, len(pcm)) if detector.process(pcm[end - 1 : end]))
            delays.append(told - start)
    assert np.median(delays) <= RATE * 40 // 1000
    assert max(delays) <= DigitDetector(RATE).latency_frames == RATE // 10


def test_first_frame_stays_within_5_ms_of_the_truth_in_noise() -> None:
    rng = np.random.default_rng(5)
    for digit in DIGITS:
        signal, (start,) = dialled(digit, Tone(), 60)
        tone_rms = float(np.sqrt(np.mean(Tone().samples(digit) ** 2)))
        (on, _) = heard(saturated(signal + white(rng, len(signal), tone_rms * 10 ** (-9 / 20))))
        assert abs(on.frame - start) <= RATE * 5 // 1000


def test_held_digit_is_one_digit() -> None:
    on, off = heard(saturated(np.concatenate([silence(50), Tone(ms=5000).samples("8"), silence(100)])))
    assert (on.kind, off.kind, off.digit) == ("on", "off", "8")
    assert off.frame - on.frame == pytest.approx(40000, abs=16)


def test_digits_without_a_pause_follow_each_other() -> None:
    signal, _ = dialled("159D", Tone(ms=60), 0)
    events = heard(saturated(signal))
    assert [(event.kind, event.digit) for event in events] == [(kind, d) for d in "159D" for kind in ("on", "off")]
    assert all(a.frame < b.frame for a, b in itertools.pairwise(events))


def test_flush_tells_the_digit_that_the_end_cuts_and_keeps_its_frames_inside() -> None:
    signal = np.concatenate([silence(20), Tone(ms=45).samples("#")])
    detector = DigitDetector(RATE)
    before = detector.process(saturated(signal[:-160]))
    assert before == []
    on, off = detector.process(saturated(signal[-160:])) + detector.flush()
    assert (on.kind, on.digit, off.kind) == ("on", "#", "off")
    assert off.frame <= len(signal) - 1


def test_frames_count_on_behind_a_flush() -> None:
    detector = DigitDetector(RATE)
    pcm = saturated(np.concatenate([silence(50), Tone().samples("4"), silence(50)]))
    first = detector.process(pcm) + detector.flush()
    second = detector.process(pcm) + detector.flush()
    assert [event.frame - len(pcm) for event in second] == [event.frame for event in first]


@pytest.mark.parametrize("rate", RATES)
@given(cuts=st.lists(st.integers(1, 10_000), min_size=1, max_size=30))
@settings(max_examples=10, deadline=None)
def test_blocks_of_any_size_tell_the_same(rate: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(1)
    tone = Tone(ms=48)
    parts = [part for digit in "19*D0" for part in (tone.samples(digit, rate), np.zeros(rate * 45 // 1000))]
    signal = np.concatenate(parts)
    pcm = saturated(signal + white(rng, len(signal), amplitude(-15) / 4))
    detector, at, events = DigitDetector(rate), 0, []
    for cut in (*cuts, len(pcm)):
        events += detector.process(pcm[at : at + cut])
        at += cut
    assert events + detector.flush() == heard(pcm, rate)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    "pcm",
    [
        np.zeros(8000, np.int16),
        np.full(8000, 32767, np.int16),
        np.full(8000, -32768, np.int16),
        np.tile(np.array([32767, -32768], np.int16), 4000),
        np.tile(np.repeat(np.array([32767, -32768], np.int16), 5), 800),
        np.random.default_rng(2).integers(-1, 2, 8000).astype(np.int16),
        np.random.default_rng(2).integers(3999, 4002, 8000).astype(np.int16),
        np.random.default_rng(2).integers(-32768, 32768, 80000).astype(np.int16),
    ],
    ids=["silence", "highest", "lowest", "square_4000_hz", "square_800_hz", "dither", "offset", "full_scale_noise"],
)
def test_no_digit_is_heard_where_there_is_none(pcm: np.ndarray, rate: int) -> None:
    assert heard(pcm, rate) == []


def test_wrong_input_is_refused_by_name() -> None:
    detector = DigitDetector(RATE)
    with pytest.raises(TypeError, match="int16, not float64"):
        detector.process(np.zeros(80))
    with pytest.raises(TypeError, match="numpy array of int16, not bytes"):
        detector.process(b"\0\0")
    with pytest.raises(ValueError, match=r"shape \(frames,\), not \(80, 2\)"):
        detector.process(np.zeros((80, 2), np.int16))
    for rate in (0, 11025, 96000, True, 8000.5, "8000"):
        with pytest.raises(ValueError, match="sample_rate is one of 8000, 16000, 44100, 48000"):
            DigitDetector(rate)


def test_empty_block_and_view_with_strides_are_heard() -> None:
    detector = DigitDetector(RATE)
    assert detector.process(np.zeros(0, np.int16)) == []
    signal, _ = dialled("7", Tone(), 60)
    stereo = np.stack([saturated(signal), np.zeros(len(signal), np.int16)], axis=1)
    assert digits(detector.process(stereo[:, 0])) == "7"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.writers.riff import WavHead

RATES = st.sampled_from([8000, 16000, 44100, 48000])
HEADS = st.builds(WavHead, RATES, st.sampled_from([1, 2]), st.booleans())


def test_a_plain_head_is_the_44_bytes_everybody_knows():
    assert WavHead(8000, 2, roomy=False).pack(10) == (
        b"RIFF\x4c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x02\0\x40\x1f\0\0\0\x7d\0\0\x04\0\x10\0data\x28\0\0\0"
    )


def test_room_is_kept_only_where_the_file_could_pass_4_gib():
    most = WavHead(48000, 2, roomy=False).most_frames
    assert 44 + most * 4 - 8 <= 0xFFFFFFFF < 44 + (most + 1) * 4 - 8
    assert not WavHead.for_frames(48000, 2, most).roomy
    assert WavHead.for_frames(48000, 2, most + 1).roomy


def test_the_file_becomes_rf64_with_the_frame_that_passes_4_gib():
    head = WavHead(48000, 2, roomy=True)
    small, large = head.pack(head.most_frames), head.pack(head.most_frames + 1)
    assert (len(small), len(large)) == (80, 80)
    assert (small[:4], small[12:16]) == (b"RIFF", b"JUNK")
    assert (large[:4], large[12:16]) == (b"RF64", b"ds64")
    assert large[4:8] == large[76:80] == b"\xff" * 4
    sizes = [int.from_bytes(large[at : at + 8], "little") for at in (20, 28, 36)]
    frames = head.most_frames + 1
    assert sizes == [80 - 8 + 4 * frames, 4 * frames, frames]


def test_a_plain_head_refuses_to_lie():
    head = WavHead(8000, 1, roomy=False)
    with pytest.raises(ValueError, match="do not fit"):
        head.pack(head.most_frames + 1)


@given(head=HEADS, frames=st.integers(0, 2**33))
def test_what_was_packed_is_parsed(head, frames):
    frames = frames if head.roomy else min(frames, head.most_frames)
    assert WavHead.parse(head.pack(frames) + b"audio") == head


@given(head=HEADS, data=st.data())
def test_a_head_cut_or_spoilt_is_refused_or_was_spoilt_in_its_sizes(head, data):
    whole = head.pack(1000)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(ValueError, match="WAV"):
        WavHead.parse(whole[:cut])
    at, other = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(1, 255))
    spoilt = whole[:at] + bytes([whole[at] ^ other]) + whole[at + 1 :]
    try:
        found = WavHead.parse(spoilt)
    except ValueError:
        return
    assert found == head


@given(st.binary(max_size=200))
def test_garbage_is_refused(garbage):
    with pytest.raises(ValueError, match="WAV"):
        WavHead.parse(garbage)

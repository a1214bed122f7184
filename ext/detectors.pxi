"""The part of the reading door that leads to the ear and its detectors; recorder/_dsp.pyi says what stands here."""

from libc.string cimport memcpy, memset

from channel cimport (
    REC_DECIMATE_MAX,
    REC_DTMF_EVENTS,
    REC_VAD_BLOCKS,
    rec_decimate,
    rec_decimate_frame,
    rec_decimate_init,
    rec_decimate_process,
    rec_dtmf,
    rec_dtmf_event,
    rec_dtmf_init,
    rec_dtmf_process,
    rec_vad,
    rec_vad_init,
    rec_vad_process,
)
from ear cimport (
    REC_EAR_VERSION,
    rec_ear,
    rec_ear_check,
    rec_ear_flush,
    rec_ear_hear,
    rec_ear_init,
    rec_heard,
)
from gate cimport (
    REC_GATE_BLOCKS,
    REC_GATE_CHANGES,
    REC_GATE_DELAY,
    rec_gate,
    rec_gate_change,
    rec_gate_check,
    rec_gate_feed,
    rec_gate_init,
    rec_gate_skip,
    rec_gate_threshold,
)

EAR_VERSION = REC_EAR_VERSION
GATE_DELAY_BLOCKS = REC_GATE_DELAY


def voice_threshold(double sensitivity):
    cdef int threshold = rec_gate_threshold(sensitivity)
    if threshold < 0:
        raise ValueError(f"a sensitivity is a number from 0 to 100, not {sensitivity}")
    return threshold


cdef class Ear:
    cdef rec_ear _ear
    cdef bint _flushed

    def __cinit__(self, uint32_t rate, uint32_t parties, uint64_t first_frame=0):
        if rec_ear_init(&self._ear, rate, parties, first_frame) < 0:
            raise ValueError(
                f"an ear hears 1 or 2 parties at 8000, 16000, 44100 or 48000 Hz from a multiple of 10 ms on, not "
                f"{parties} at {rate} Hz from frame {first_frame}"
            )

    def hear(self, bytes pcm not None):
        cdef uint64_t frame_bytes = self._ear.parties * sizeof(int16_t)
        cdef uint64_t frames = len(pcm) // frame_bytes, at = 0
        cdef uint32_t most = self._ear.rate_hz // 10, take
        cdef const char *data = pcm
        cdef rec_heard heard
        if self._flushed:
            raise ValueError("the input of this ear has ended")
        if len(pcm) % frame_bytes:
            raise ValueError(f"{len(pcm)} bytes are no whole frames of {self._ear.parties} parties")
        pieces = []
        while at < frames or not pieces:
            take = <uint32_t> min(most, frames - at)
            with nogil:
                rec_ear_hear(&self._ear, <const int16_t *> (data + at * frame_bytes), take, &heard)
            pieces.append(ear_heard(&heard, self._ear.parties))
            at += take
        return joined(pieces)

    def flush(self):
        cdef rec_heard heard
        if self._flushed:
            raise ValueError("the input of this ear has ended")
        with nogil:
            rec_ear_flush(&self._ear, &heard)
        self._flushed = True
        return ear_heard(&heard, self._ear.parties)

    def snapshot(self):
        return PyBytes_FromStringAndSize(<const char *> &self._ear, sizeof(rec_ear))

    def restore(self, bytes state not None):
        cdef const char *data = state
        if rec_ear_check(data, len(state), self._ear.rate_hz, self._ear.parties) < 0:
            raise ValueError(
                f"{len(state)} bytes are no ear of version {REC_EAR_VERSION} for {self._ear.parties} parties at "
                f"{self._ear.rate_hz} Hz"
            )
        memcpy(&self._ear, data, sizeof(rec_ear))
        self._flushed = False


cdef tuple ear_heard(const rec_heard *heard, uint32_t parties):
    blocks = tuple([
        PyBytes_FromStringAndSize(<const char *> &heard.block[party][0], heard.blocks * sizeof(rec_block))
        for party in range(parties)
    ])
    digits = digits_heard(&heard.digit[0], heard.digits)
    return "audio", 0, heard.head, heard.judged, heard.first_block, blocks, digits


cdef tuple joined(list pieces):
    """Results of one ear, one behind the other, as one."""
    if len(pieces) == 1:
        return pieces[0]
    kind, slot, _, _, first_block, _, _ = pieces[0]
    _, _, head, judged, _, _, _ = pieces[-1]
    blocks = tuple([b"".join(party) for party in zip(*[piece[5] for piece in pieces])])
    digits = tuple([digit for piece in pieces for digit in piece[6]])
    return kind, slot, head, judged, first_block, blocks, digits


cdef class VoiceGate:
    delay_blocks = REC_GATE_DELAY

    cdef rec_gate _gate
    cdef double _sensitivity
    cdef uint64_t _block_frames

    def __cinit__(self, double sensitivity, uint64_t block_frames):
        if rec_gate_init(&self._gate, sensitivity) < 0:
            raise ValueError(f"a sensitivity is a number from 0 to 100, not {sensitivity}")
        if block_frames == 0:
            raise ValueError("a block has one frame at least")
        self._sensitivity = sensitivity
        self._block_frames = block_frames

    @property
    def speaking(self):
        return self._gate.speaking != 0

    def feed(self, uint64_t first_block, bytes voice not None):
        cdef rec_gate_change changes[REC_GATE_CHANGES]
        cdef uint64_t size = len(voice), at = 0
        cdef uint32_t take, count
        cdef const unsigned char *data = voice
        if first_block < self._gate.block:
            raise ValueError(f"block {first_block} was fed already: the next is {self._gate.block}")
        told = self.told(changes, rec_gate_skip(&self._gate, first_block, changes))
        while at < size:
            take = <uint32_t> min(<uint64_t> REC_GATE_BLOCKS, size - at)
            with nogil:
                count = rec_gate_feed(&self._gate, data + at, take, changes)
            told += self.told(changes, count)
            at += take
        return told

    cdef list told(self, const rec_gate_change *changes, uint32_t count):
        return [(changes[i].speaking != 0, changes[i].block * self._block_frames) for i in range(count)]

    def save(self):
        return PyBytes_FromStringAndSize(<const char *> &self._gate, sizeof(rec_gate))

    def load(self, bytes state not None):
        cdef const char *data = state
        if rec_gate_check(data, len(state), self._sensitivity) < 0:
            raise ValueError(f"{len(state)} bytes are no gate of sensitivity {self._sensitivity}")
        memcpy(&self._gate, data, sizeof(rec_gate))


cdef class DigitCore:
    cdef rec_decimate _decimate
    cdef rec_dtmf _dtmf
    cdef uint64_t _base  # frames heard before the last flush
    cdef uint64_t _frames  # and since
    cdef readonly object latency_frames

    def __cinit__(self, uint32_t rate):
        if rec_decimate_init(&self._decimate, rate) < 0:
            raise ValueError(f"a rate is 8000, 16000, 44100 or 48000 Hz, not {rate}")
        rec_dtmf_init(&self._dtmf)
        self.latency_frames = rate // 10

    def process(self, bytes pcm not None):
        cdef uint64_t frames = whole_samples(pcm), at = 0
        cdef const char *data = pcm
        found = []
        while at < frames:
            take = min(<uint64_t> REC_DECIMATE_MAX, frames - at)
            self.hear(<const int16_t *> data + at, take, found)
            at += take
        self._frames += frames
        return found

    cdef int hear(self, const int16_t *pcm, uint32_t samples, list found) except -1:
        cdef int16_t low[REC_DECIMATE_MAX]
        cdef rec_dtmf_event events[REC_DTMF_EVENTS]
        cdef uint32_t count, i
        with nogil:
            count = rec_decimate_process(&self._decimate, pcm, samples, low)
            count = rec_dtmf_process(&self._dtmf, low, count, events)
        for i in range(count):
            frame = self._base + rec_decimate_frame(&self._decimate, events[i].sample)
            found.append(("on" if events[i].on else "off", chr(events[i].digit), frame))
        return 0

    def flush(self):
        cdef int16_t silence[REC_DECIMATE_MAX]
        cdef uint32_t most = <uint32_t> REC_DECIMATE_MAX, left = self.latency_frames
        memset(silence, 0, sizeof(silence))
        found = []
        while left > 0:
            self.hear(silence, min(most, left), found)
            left -= min(most, left)
        self._base += self._frames
        self._frames = 0
        rec_decimate_init(&self._decimate, self.latency_frames * 10)
        rec_dtmf_init(&self._dtmf)
        return [(kind, digit, min(frame, self._base - 1)) for kind, digit, frame in found]


cdef class VoiceCore:
    latency_frames = 0

    cdef rec_decimate _decimate
    cdef rec_vad _vad
    cdef uint32_t _rate

    def __cinit__(self, uint32_t rate):
        if rec_decimate_init(&self._decimate, rate) < 0:
            raise ValueError(f"a rate is 8000, 16000, 44100 or 48000 Hz, not {rate}")
        rec_vad_init(&self._vad)
        self._rate = rate

    def process(self, bytes pcm not None):
        cdef uint64_t frames = whole_samples(pcm), at = 0
        cdef const char *data = pcm
        pieces = []
        while at < frames:
            take = min(<uint64_t> REC_DECIMATE_MAX, frames - at)
            pieces.append(self.hear(<const int16_t *> data + at, take))
            at += take
        return b"".join(pieces)

    cdef bytes hear(self, const int16_t *pcm, uint32_t samples):
        cdef int16_t low[REC_DECIMATE_MAX]
        cdef float probability[REC_VAD_BLOCKS]
        cdef uint32_t count
        with nogil:
            count = rec_decimate_process(&self._decimate, pcm, samples, low)
            count = rec_vad_process(&self._vad, low, count, probability)
        return PyBytes_FromStringAndSize(<const char *> probability, count * sizeof(float))

    def reset(self):
        rec_decimate_init(&self._decimate, self._rate)
        rec_vad_init(&self._vad)


cdef uint64_t whole_samples(bytes pcm) except? 0:
    if len(pcm) % sizeof(int16_t):
        raise ValueError(f"{len(pcm)} bytes are no whole samples")
    return len(pcm) // sizeof(int16_t)

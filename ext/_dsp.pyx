"""The reading door to the C core; recorder/_dsp.pyi says what stands here."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.errno cimport EINVAL, errno
from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t

from ear cimport REC_DIGIT_ON, rec_block, rec_digit
from follow cimport (
    REC_TOLD_AUDIO,
    REC_TOLD_BACK,
    REC_TOLD_ENDED,
    REC_TOLD_GAP,
    REC_TOLD_HUM,
    REC_TOLD_LOST,
    REC_TOLD_RETIRED,
    REC_TOLD_SILENT,
    REC_TOLD_SNAPSHOT,
    rec_follow,
    rec_follow_add,
    rec_follow_fd,
    rec_follow_free,
    rec_follow_new,
    rec_follow_next,
    rec_follow_passes,
    rec_follow_remove,
    rec_follow_run,
    rec_follow_seen,
    rec_follow_stop,
    rec_hummed,
    rec_told,
)
from mix cimport (
    REC_MIX_BOTH,
    REC_MIX_LISTEN,
    REC_MIX_SPEAK,
    rec_mix,
    rec_mix_channels,
    rec_mix_direction,
)
from peaks cimport rec_peak, rec_peaks, rec_peaks_windows
from ring cimport (
    REC_RING_SLOTS,
    REC_RING_WHY,
    rec_ring_anchor,
    rec_ring_anchor_for,
    rec_ring_capacity,
    rec_ring_channels,
    rec_ring_close_reader,
    rec_ring_epoch,
    rec_ring_frame_at,
    rec_ring_gap,
    rec_ring_gap_at,
    rec_ring_gaps_logged,
    rec_ring_head,
    rec_ring_heartbeat_ns,
    rec_ring_is_ended,
    rec_ring_is_retired,
    rec_ring_line,
    rec_ring_oldest,
    rec_ring_open,
    rec_ring_rate,
    rec_ring_read,
    rec_ring_reader,
    rec_ring_time_of,
)

import os


class RingFault(ValueError):
    pass


class Overtaken(LookupError):
    def __init__(self, message, oldest):
        super().__init__(message, oldest)
        self.oldest = oldest


# ---------------------------------------------------------------- ring reader

cdef class RingReader:
    """Mapped until it is closed and nobody uses the mapping: a read in another thread, or a follower."""

    cdef rec_ring_reader _ring
    cdef int _users
    cdef bint _closed
    cdef readonly str line
    cdef readonly object rate
    cdef readonly object channels
    cdef readonly object capacity
    cdef readonly object epoch

    def __cinit__(self, path):
        cdef bytes c_path = os.fsencode(path)
        cdef const char *path_p = c_path
        cdef char why[REC_RING_WHY]
        cdef int status
        if b"\0" in c_path:
            raise RingFault("a NUL in a ring's path")
        with nogil:
            status = rec_ring_open(&self._ring, path_p, why)
        if status < 0:
            raise RingFault(f"{os.fspath(path)}: {(<bytes> why).decode(errors='replace')}")
        self.line = (<bytes> rec_ring_line(&self._ring)).decode(errors="replace")
        self.rate = rec_ring_rate(&self._ring)
        self.channels = rec_ring_channels(&self._ring)
        self.capacity = rec_ring_capacity(&self._ring)
        self.epoch = rec_ring_epoch(&self._ring)

    def __dealloc__(self):
        rec_ring_close_reader(&self._ring)

    cdef rec_ring_reader *open_ring(self) except NULL:
        if self._closed:
            raise ValueError("this ring reader is closed")
        return &self._ring

    cdef rec_ring_reader *hold(self) except NULL:
        """Keep the mapping until let_go, whoever closes the reader meanwhile."""
        cdef rec_ring_reader *ring = self.open_ring()
        self._users += 1
        return ring

    cdef int let_go(self) except -1:
        self._users -= 1
        if self._closed and self._users == 0:
            rec_ring_close_reader(&self._ring)
        return 0

    @property
    def head(self):
        return rec_ring_head(self.open_ring())

    @property
    def oldest(self):
        return rec_ring_oldest(self.open_ring())

    @property
    def ended(self):
        return rec_ring_is_ended(self.open_ring()) != 0

    @property
    def retired(self):
        return rec_ring_is_retired(self.open_ring()) != 0

    @property
    def heartbeat_ns(self):
        return rec_ring_heartbeat_ns(self.open_ring())

    def read(self, uint64_t first, uint64_t frames):
        cdef rec_ring_reader *ring = self.open_ring()
        cdef uint64_t oldest = rec_ring_oldest(ring), head = rec_ring_head(ring)
        cdef int64_t got
        if first > head or frames > head - first:
            raise ValueError(f"frames {first}+{frames} are not all written yet: the head is {head}")
        if first < oldest:
            raise Overtaken(f"frame {first} was overwritten: the oldest is {oldest}", oldest)
        cdef bytes pcm = PyBytes_FromStringAndSize(NULL, frames * rec_ring_channels(ring) * sizeof(int16_t))
        cdef char *data = PyBytes_AsString(pcm)
        self.hold()
        with nogil:
            got = rec_ring_read(ring, first, frames, <int16_t *> data)
            oldest = rec_ring_oldest(ring)
        self.let_go()
        if got < 0:
            raise Overtaken(f"frame {first} was overwritten while it was read: the oldest is {oldest}", oldest)
        return pcm

    def gaps(self, uint64_t after=0):
        cdef rec_ring_reader *ring = self.open_ring()
        cdef uint64_t logged = rec_ring_gaps_logged(ring)
        cdef uint64_t forgotten = logged - min(logged, <uint64_t> REC_RING_SLOTS)
        cdef uint64_t number
        cdef rec_ring_gap gap
        found = []
        for number in range(max(after, forgotten), logged):
            if rec_ring_gap_at(ring, number + 1, &gap) == 0:
                found.append((gap.number, gap.start, gap.frames, gap.cause))
        return found

    def frame_at(self, int64_t boottime_ns):
        return rec_ring_frame_at(self.open_ring(), boottime_ns)

    def time_of(self, uint64_t frame):
        cdef int64_t boottime_ns, realtime_ns
        rec_ring_time_of(self.open_ring(), frame, &boottime_ns, &realtime_ns)
        return boottime_ns, realtime_ns

    @property
    def drift_ppm(self):
        cdef rec_ring_anchor anchor
        cdef rec_ring_reader *ring = self.open_ring()
        if rec_ring_anchor_for(ring, rec_ring_head(ring), &anchor) < 0 or anchor.rate_hz == rec_ring_rate(ring):
            return None
        return (anchor.rate_hz / rec_ring_rate(ring) - 1) * 1e6

    def close(self):
        if not self._closed:
            self._closed = True
            if self._users == 0:
                rec_ring_close_reader(&self._ring)


# ------------------------------------------------------------------- follower

TOLD = {
    REC_TOLD_GAP: "gap",
    REC_TOLD_LOST: "lost",
    REC_TOLD_BACK: "back",
    REC_TOLD_ENDED: "ended",
    REC_TOLD_RETIRED: "retired",
}


cdef tuple digits_heard(const rec_digit *digit, uint32_t count):
    return tuple([
        (digit[i].party, "on" if digit[i].kind == REC_DIGIT_ON else "off", chr(digit[i].digit), digit[i].frame)
        for i in range(count)
    ])


cdef tuple audio_heard(const rec_told *told, const void *payload):
    cdef const rec_digit *digit = <const rec_digit *> payload
    cdef const char *block = <const char *> (digit + told.digits)
    cdef size_t size = told.blocks * sizeof(rec_block)
    blocks = tuple([PyBytes_FromStringAndSize(block + party * size, size) for party in range(told.parties)])
    digits = digits_heard(digit, told.digits)
    return "audio", told.slot, told.frame, told.judged, told.first_block, blocks, digits


cdef tuple hum_heard(const rec_told *told, const void *payload):
    cdef const rec_hummed *hummed = <const rec_hummed *> payload
    parties = tuple([(hummed[party].hz, hummed[party].level) for party in range(told.parties)])
    return "hum", told.slot, told.frame, parties


cdef tuple heard(const rec_told *told, const void *payload):
    if told.kind == REC_TOLD_AUDIO:
        return audio_heard(told, payload)
    if told.kind == REC_TOLD_HUM:
        return hum_heard(told, payload)
    if told.kind == REC_TOLD_SNAPSHOT:
        state = PyBytes_FromStringAndSize(<const char *> payload, told.payload)
        return "snapshot", told.slot, told.frame, state
    if told.kind == REC_TOLD_SILENT:
        return "silent", told.slot, told.frame, told.boottime_ns
    if told.kind == REC_TOLD_GAP or told.kind == REC_TOLD_LOST:
        return TOLD[told.kind], told.slot, told.frame, told.frames
    return TOLD[told.kind], told.slot, told.frame


cdef class Follower:
    """Holds each ring that it follows: closing its reader unmaps it only after remove()."""

    cdef rec_follow *_follow
    cdef dict _rings

    def __cinit__(self, uint32_t slots=64, size_t queue_bytes=1 << 20):
        self._rings = {}
        self._follow = rec_follow_new(slots, queue_bytes)
        if self._follow == NULL and errno == EINVAL:
            raise ValueError(f"{slots} slots, a queue of {queue_bytes} bytes: 1 to 64, and room for one step")
        if self._follow == NULL:
            raise OSError(errno, "the follower cannot be made")

    def __dealloc__(self):
        rec_follow_free(self._follow)

    def add(self, uint32_t slot, RingReader ring not None, uint64_t first_frame, bytes state=None):
        cdef const char *bytes_p = NULL
        cdef size_t size = 0
        if state is not None:
            bytes_p = state
            size = len(state)
        cdef const char *why = rec_follow_add(self._follow, slot, ring.hold(), first_frame, bytes_p, size)
        if why != NULL:
            ring.let_go()
            raise ValueError(f"slot {slot}, line {ring.line}: {why.decode()}")
        self._rings[slot] = ring

    def remove(self, uint32_t slot):
        cdef int status
        with nogil:
            status = rec_follow_remove(self._follow, slot)
        if status < 0:
            raise ValueError(f"slot {slot} is not in use")
        cdef RingReader ring = self._rings.pop(slot)
        ring.let_go()

    def run(self):
        cdef int status
        with nogil:
            status = rec_follow_run(self._follow)
        if status < 0:
            raise RuntimeError("the follower is running already")

    def stop(self):
        rec_follow_stop(self._follow)

    def fileno(self):
        return rec_follow_fd(self._follow)

    def drain(self):
        cdef rec_told told
        cdef const void *payload
        results = []
        rec_follow_seen(self._follow)
        while rec_follow_next(self._follow, &told, &payload):
            results.append(heard(&told, payload))
        return results

    @property
    def passes(self):
        return rec_follow_passes(self._follow)


# --------------------------------------------------------------------- mixing

DIRECTIONS = {"speak": REC_MIX_SPEAK, "listen": REC_MIX_LISTEN, "both": REC_MIX_BOTH}


def mix(bytes pcm not None, uint32_t channels, str direction not None, bint stereo):
    if channels not in (1, 2):
        raise ValueError(f"a line has 1 or 2 channels, not {channels}")
    if direction not in DIRECTIONS:
        raise ValueError(f"direction is one of {', '.join(DIRECTIONS)}, not {direction!r}")
    if len(pcm) % (channels * sizeof(int16_t)):
        raise ValueError(f"{len(pcm)} bytes are no whole frames of {channels} channels")
    cdef rec_mix_direction way = <rec_mix_direction> <int> DIRECTIONS[direction]
    cdef uint64_t frames = len(pcm) // (channels * sizeof(int16_t))
    cdef uint32_t out_channels = rec_mix_channels(channels, way, stereo)
    cdef bytes mixed = PyBytes_FromStringAndSize(NULL, frames * out_channels * sizeof(int16_t))
    cdef const char *from_p = pcm
    cdef char *to_p = PyBytes_AsString(mixed)
    with nogil:
        rec_mix(<const int16_t *> from_p, frames, channels, way, stereo, <int16_t *> to_p)
    return mixed


def peaks(bytes pcm not None, uint32_t channels, uint64_t window):
    if channels not in (1, 2) or window == 0:
        raise ValueError(f"1 or 2 channels and a window of frames, not {channels} and {window}")
    if len(pcm) % (channels * sizeof(int16_t)):
        raise ValueError(f"{len(pcm)} bytes are no whole frames of {channels} channels")
    cdef uint64_t frames = len(pcm) // (channels * sizeof(int16_t))
    cdef uint64_t count = channels * rec_peaks_windows(frames, window)
    cdef bytes found = PyBytes_FromStringAndSize(NULL, count * sizeof(rec_peak))
    cdef const char *from_p = pcm
    cdef char *to_p = PyBytes_AsString(found)
    with nogil:
        rec_peaks(<const int16_t *> from_p, frames, channels, window, <rec_peak *> to_p)
    return found


include "detectors.pxi"

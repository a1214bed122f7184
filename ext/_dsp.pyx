"""The reading door to the C core; recorder/_dsp.pyi says what stands here."""

from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.stdint cimport int16_t, int64_t, uint64_t

from ring cimport (
    REC_RING_SLOTS,
    REC_RING_WHY,
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
        cdef uint64_t logged = rec_ring_gaps_logged(ring), number
        cdef rec_ring_gap gap
        found = []
        for number in range(max(after, logged - min(logged, <uint64_t> REC_RING_SLOTS)) + 1, logged + 1):
            if rec_ring_gap_at(ring, number, &gap) == 0:
                found.append((gap.number, gap.start, gap.frames, gap.cause))
        return found

    def frame_at(self, int64_t boottime_ns):
        return rec_ring_frame_at(self.open_ring(), boottime_ns)

    def time_of(self, uint64_t frame):
        cdef int64_t boottime_ns, realtime_ns
        rec_ring_time_of(self.open_ring(), frame, &boottime_ns, &realtime_ns)
        return boottime_ns, realtime_ns

    def close(self):
        if not self._closed:
            self._closed = True
            if self._users == 0:
                rec_ring_close_reader(&self._ring)

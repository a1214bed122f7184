"""The writing door to the C core; recorder/_capture.pyi says what stands here."""

from libc.errno cimport EINVAL, errno
from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t

from ring cimport (
    REC_GAP_DEVICE,
    REC_GAP_OVERRUN,
    REC_GAP_RESTART,
    REC_RING_WHY,
    rec_ring_anchor,
    rec_ring_cause,
    rec_ring_close_writer,
    rec_ring_create,
    rec_ring_lock_memory,
    rec_ring_set_ended,
    rec_ring_set_retired,
    rec_ring_write,
    rec_ring_write_anchor,
    rec_ring_write_gap,
    rec_ring_writer,
    rec_ring_writer_head,
)

import os

CAUSES = {"overrun": REC_GAP_OVERRUN, "restart": REC_GAP_RESTART, "device": REC_GAP_DEVICE}


cdef class RingWriter:
    cdef rec_ring_writer _ring

    def __cinit__(self, path, str line, uint32_t rate, uint32_t channels, uint64_t capacity):
        cdef bytes c_path = os.fsencode(path)
        cdef bytes c_line = line.encode()
        cdef const char *path_p = c_path
        cdef const char *line_p = c_line
        cdef char why[REC_RING_WHY]
        cdef int status, error
        if b"\0" in c_path or b"\0" in c_line:
            raise ValueError("a NUL in a ring's path or line")
        with nogil:
            status = rec_ring_create(&self._ring, path_p, line_p, rate, channels, capacity, why)
            error = errno
        if status < 0:
            message = f"{os.fspath(path)}: {(<bytes> why).decode(errors='replace')}"
            raise ValueError(message) if error == EINVAL else OSError(error, message)

    def __dealloc__(self):
        rec_ring_close_writer(&self._ring)

    cdef rec_ring_writer *open_ring(self) except NULL:
        if self._ring.header == NULL:
            raise ValueError("this ring writer is closed")
        return &self._ring

    def write(self, bytes pcm):
        cdef rec_ring_writer *ring = self.open_ring()
        cdef const char *data = pcm
        cdef size_t size = len(pcm), frame_bytes = ring.channels * sizeof(int16_t)
        if size % frame_bytes:
            raise ValueError(f"{size} bytes are no whole frames of {ring.channels} channels")
        rec_ring_write(ring, <const int16_t *> data, size // frame_bytes)

    def write_gap(self, uint64_t frames, str cause):
        if cause not in CAUSES:
            raise ValueError(f"cause is one of {', '.join(CAUSES)}, not {cause!r}")
        rec_ring_write_gap(self.open_ring(), frames, <rec_ring_cause> <int> CAUSES[cause])

    def write_anchor(self, uint64_t frame, int64_t boottime_ns, int64_t realtime_ns, double rate_hz):
        cdef rec_ring_anchor anchor
        anchor.frame = frame
        anchor.boottime_ns = boottime_ns
        anchor.realtime_ns = realtime_ns
        anchor.rate_hz = rate_hz
        rec_ring_write_anchor(self.open_ring(), &anchor)

    def set_ended(self):
        rec_ring_set_ended(self.open_ring())

    def set_retired(self):
        rec_ring_set_retired(self.open_ring())

    def lock_memory(self):
        if rec_ring_lock_memory(self.open_ring()) < 0:
            raise OSError(errno, f"the ring cannot be locked into memory: {os.strerror(errno)}")

    @property
    def head(self):
        return rec_ring_writer_head(self.open_ring())

    @property
    def attached(self):
        return self.open_ring().attached != 0

    @property
    def capacity(self):
        return self.open_ring().capacity

    def close(self):
        rec_ring_close_writer(&self._ring)

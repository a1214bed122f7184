"""The writing door to the C core; recorder/_capture.pyi says what stands here."""

from libc.errno cimport EINVAL, errno
from libc.stdint cimport int16_t, int64_t, uint16_t, uint32_t, uint64_t, uintptr_t

from capture cimport (
    REC_LINE_CHANNELS,
    rec_intake,
    rec_intake_add,
    rec_intake_callback,
    rec_intake_count,
    rec_intake_finished,
    rec_intake_init,
    rec_intake_is_finished,
)
from playback cimport (
    rec_playback,
    rec_playback_callback,
    rec_playback_cut,
    rec_playback_ended_ns,
    rec_playback_finished,
    rec_playback_init,
    rec_playback_is_finished,
    rec_playback_started_ns,
)
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
from tone cimport rec_tone

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


cdef class Intake:
    cdef rec_intake _intake
    cdef list _rings

    def __cinit__(self, uint32_t rate, uint32_t channels, str cause):
        if cause not in CAUSES:
            raise ValueError(f"cause is one of {', '.join(CAUSES)}, not {cause!r}")
        if rec_intake_init(&self._intake, rate, channels, <rec_ring_cause> <int> CAUSES[cause]) < 0:
            raise ValueError(f"{channels} channels at {rate} Hz can't be taken in")
        self._rings = []

    def add(self, RingWriter ring, channel_map):
        cdef uint16_t chosen[REC_LINE_CHANNELS]
        cdef rec_ring_writer *writer = ring.open_ring()
        if len(channel_map) != writer.channels or len(channel_map) > REC_LINE_CHANNELS:
            raise ValueError(f"a map of {len(channel_map)} channels for a ring of {writer.channels}")
        for index, channel in enumerate(channel_map):
            chosen[index] = channel
        if rec_intake_add(&self._intake, writer, chosen) < 0:
            raise ValueError(f"channels {channel_map} of a device with {self._intake.channels}, or too many lines")
        self._rings.append(ring)

    @property
    def rate(self):
        return self._intake.rate_hz

    @property
    def channels(self):
        return self._intake.channels

    @property
    def callback_address(self):
        return <uintptr_t> &rec_intake_callback

    @property
    def finished_address(self):
        return <uintptr_t> &rec_intake_finished

    @property
    def user_address(self):
        return <uintptr_t> &self._intake

    @property
    def finished(self):
        return rec_intake_is_finished(&self._intake) != 0

    def counters(self):
        counted = rec_intake_count(&self._intake)
        return {
            "callbacks": counted.callbacks,
            "frames": counted.frames,
            "overflows": counted.overflows,
            "underflows": counted.underflows,
            "gaps": counted.gaps,
            "lost_frames": counted.lost_frames,
        }


cdef class Playback:
    cdef rec_playback _playback
    cdef bytes _pcm

    def __cinit__(self, bytes pcm, uint32_t rate, uint32_t channels):
        cdef const char *data = pcm
        self._pcm = pcm
        if len(pcm) % sizeof(int16_t):
            raise ValueError(f"{len(pcm)} bytes are no whole samples")
        if rec_playback_init(&self._playback, <const int16_t *> data, len(pcm) // sizeof(int16_t), rate, channels) < 0:
            raise ValueError(f"{len(pcm)} bytes at {rate} Hz can't be played on {channels} channels")

    def cut(self):
        rec_playback_cut(&self._playback)

    @property
    def rate(self):
        return self._playback.rate_hz

    @property
    def channels(self):
        return self._playback.channels

    @property
    def callback_address(self):
        return <uintptr_t> &rec_playback_callback

    @property
    def finished_address(self):
        return <uintptr_t> &rec_playback_finished

    @property
    def user_address(self):
        return <uintptr_t> &self._playback

    @property
    def started_ns(self):
        return rec_playback_started_ns(&self._playback)

    @property
    def ended_ns(self):
        return rec_playback_ended_ns(&self._playback)

    @property
    def finished(self):
        return rec_playback_is_finished(&self._playback) != 0


def tone(uint32_t rate, double hz, double seconds, double dbfs):
    if not (rate > 0 and 0 < hz < rate / 2 and 0 < seconds <= 60 and dbfs <= 0):
        raise ValueError(f"no tone of {hz} Hz, {seconds} s and {dbfs} dBFS at {rate} Hz")
    cdef uint64_t frames = <uint64_t> (seconds * rate + 0.5)
    cdef bytearray pcm = bytearray(frames * sizeof(int16_t))
    cdef char *data = pcm
    cdef double peak = 32767 * 10 ** (dbfs / 20)
    with nogil:
        rec_tone(<int16_t *> data, frames, rate, hz, peak)
    return bytes(pcm)

"""From a device into the rings of its lines: ext/include/capture.h."""

from libc.stdint cimport uint16_t, uint32_t, uint64_t

from ring cimport rec_ring_cause, rec_ring_writer


cdef extern from "capture.h" nogil:
    enum:
        REC_LINE_CHANNELS

    ctypedef struct rec_intake:
        uint32_t rate_hz
        uint32_t channels

    ctypedef struct rec_intake_counters:
        uint64_t callbacks
        uint64_t frames
        uint64_t overflows
        uint64_t underflows
        uint64_t gaps
        uint64_t lost_frames

    int rec_intake_init(rec_intake *intake, uint32_t rate_hz, uint32_t channels, rec_ring_cause first_cause)
    int rec_intake_add(rec_intake *intake, rec_ring_writer *ring, const uint16_t *map)
    rec_intake_counters rec_intake_count(const rec_intake *intake)
    int rec_intake_is_finished(const rec_intake *intake)
    void rec_intake_callback()
    void rec_intake_finished()

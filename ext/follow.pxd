"""The audio thread of serve: ext/include/follow.h."""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from ring cimport rec_ring_reader


cdef extern from "follow.h" nogil:
    enum rec_told_kind:
        REC_TOLD_AUDIO
        REC_TOLD_GAP
        REC_TOLD_LOST
        REC_TOLD_SILENT
        REC_TOLD_BACK
        REC_TOLD_ENDED
        REC_TOLD_RETIRED
        REC_TOLD_SNAPSHOT
        REC_TOLD_HUM

    ctypedef struct rec_hummed:
        uint8_t hz
        uint8_t level

    ctypedef struct rec_told:
        uint32_t kind
        uint32_t slot
        uint32_t payload
        uint64_t frame
        uint64_t frames
        int64_t boottime_ns
        uint64_t judged
        uint64_t first_block
        uint32_t parties
        uint32_t blocks
        uint32_t digits

    ctypedef struct rec_follow:
        pass

    rec_follow *rec_follow_new(uint32_t slots, size_t queue_bytes)
    void rec_follow_free(rec_follow *f)
    const char *rec_follow_add(rec_follow *f, uint32_t slot, const rec_ring_reader *ring, uint64_t first_frame,
                               const void *state, size_t state_bytes)
    int rec_follow_remove(rec_follow *f, uint32_t slot)
    int rec_follow_next(rec_follow *f, rec_told *told, const void **payload)
    int rec_follow_fd(const rec_follow *f)
    void rec_follow_seen(rec_follow *f)
    uint64_t rec_follow_passes(const rec_follow *f)
    int rec_follow_run(rec_follow *f)
    void rec_follow_stop(rec_follow *f)

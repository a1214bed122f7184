"""The shared ring of a line: ext/include/ring.h."""

from libc.stdint cimport int16_t, int64_t, uint16_t, uint32_t, uint64_t


cdef extern from "ring.h" nogil:
    enum:
        REC_RING_SLOTS
        REC_RING_WHY
        REC_RING_OVERTAKEN
        REC_RING_AHEAD

    enum rec_ring_cause:
        REC_GAP_OVERRUN
        REC_GAP_RESTART
        REC_GAP_DEVICE

    ctypedef struct rec_ring_anchor:
        uint64_t frame
        int64_t boottime_ns
        int64_t realtime_ns
        double rate_hz

    ctypedef struct rec_ring_gap:
        uint64_t number
        uint64_t start
        uint64_t frames
        uint32_t cause

    ctypedef struct rec_ring_header:
        pass

    ctypedef struct rec_ring_writer:
        rec_ring_header *header
        uint64_t capacity
        uint32_t channels
        int attached

    ctypedef struct rec_ring_reader:
        const rec_ring_header *header

    int rec_ring_create(rec_ring_writer *w, const char *path, const char *line, uint32_t rate_hz, uint32_t channels,
                        uint64_t capacity_frames, char *why)
    void rec_ring_close_writer(rec_ring_writer *w)
    void rec_ring_write(rec_ring_writer *w, const int16_t *pcm, uint64_t frames)
    void rec_ring_write_mapped(rec_ring_writer *w, const int16_t *pcm, uint64_t frames, uint32_t device_channels,
                               const uint16_t *map)
    void rec_ring_write_gap(rec_ring_writer *w, uint64_t frames, rec_ring_cause cause)
    void rec_ring_write_anchor(rec_ring_writer *w, const rec_ring_anchor *anchor)
    void rec_ring_set_ended(rec_ring_writer *w)
    void rec_ring_set_retired(rec_ring_writer *w)
    uint64_t rec_ring_writer_head(const rec_ring_writer *w)
    int rec_ring_lock_memory(rec_ring_writer *w)

    int rec_ring_open(rec_ring_reader *r, const char *path, char *why)
    void rec_ring_close_reader(rec_ring_reader *r)
    int64_t rec_ring_read(const rec_ring_reader *r, uint64_t first, uint64_t frames, int16_t *pcm)
    uint64_t rec_ring_head(const rec_ring_reader *r)
    uint64_t rec_ring_oldest(const rec_ring_reader *r)
    int rec_ring_anchor_for(const rec_ring_reader *r, uint64_t frame, rec_ring_anchor *anchor)
    int rec_ring_gap_at(const rec_ring_reader *r, uint64_t number, rec_ring_gap *gap)
    uint64_t rec_ring_gaps_logged(const rec_ring_reader *r)
    uint64_t rec_ring_frame_at(const rec_ring_reader *r, int64_t boottime_ns)
    int rec_ring_time_of(const rec_ring_reader *r, uint64_t frame, int64_t *boottime_ns, int64_t *realtime_ns)
    int64_t rec_ring_heartbeat_ns(const rec_ring_reader *r)
    int rec_ring_is_ended(const rec_ring_reader *r)
    int rec_ring_is_retired(const rec_ring_reader *r)
    uint32_t rec_ring_rate(const rec_ring_reader *r)
    uint32_t rec_ring_channels(const rec_ring_reader *r)
    uint64_t rec_ring_capacity(const rec_ring_reader *r)
    uint64_t rec_ring_epoch(const rec_ring_reader *r)
    const char *rec_ring_line(const rec_ring_reader *r)

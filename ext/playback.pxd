"""Sound from memory to an output device: ext/include/playback.h."""

from libc.stdint cimport int16_t, int64_t, uint32_t, uint64_t


cdef extern from "playback.h" nogil:
    ctypedef struct rec_playback:
        uint32_t rate_hz
        uint32_t channels

    int rec_playback_init(rec_playback *playback, const int16_t *pcm, uint64_t frames, uint32_t rate_hz,
                          uint32_t channels)
    void rec_playback_cut(rec_playback *playback)
    int64_t rec_playback_started_ns(const rec_playback *playback)
    int64_t rec_playback_ended_ns(const rec_playback *playback)
    int rec_playback_is_finished(const rec_playback *playback)
    void rec_playback_callback()
    void rec_playback_finished()

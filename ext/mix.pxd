"""From a line's frames to a file's: ext/include/mix.h."""

from libc.stdint cimport int16_t, uint32_t, uint64_t


cdef extern from "mix.h" nogil:
    enum rec_mix_direction:
        REC_MIX_SPEAK
        REC_MIX_LISTEN
        REC_MIX_BOTH

    uint32_t rec_mix_channels(uint32_t channels, rec_mix_direction direction, int stereo)
    void rec_mix(const int16_t *pcm, uint64_t frames, uint32_t channels, rec_mix_direction direction, int stereo,
                 int16_t *out)

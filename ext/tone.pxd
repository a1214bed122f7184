"""The box's beeps: ext/include/tone.h."""

from libc.stdint cimport int16_t, uint32_t, uint64_t


cdef extern from "tone.h" nogil:
    void rec_tone(int16_t *pcm, uint64_t frames, uint32_t rate_hz, double hz, double peak)

"""The lowest and the highest sample of each stretch: ext/include/peaks.h."""

from libc.stdint cimport int16_t, uint32_t, uint64_t


cdef extern from "peaks.h" nogil:
    ctypedef struct rec_peak:
        int16_t min
        int16_t max

    uint64_t rec_peaks_windows(uint64_t frames, uint64_t window)
    void rec_peaks(const int16_t *pcm, uint64_t frames, uint32_t channels, uint64_t window, rec_peak *out)

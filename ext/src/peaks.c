#include "peaks.h"

uint64_t rec_peaks_windows(uint64_t frames, uint64_t window) {
    return frames / window + (frames % window != 0);
}

static rec_peak peak(const int16_t *pcm, uint64_t frames, uint32_t step) {
    rec_peak found = {pcm[0], pcm[0]};
    for (uint64_t f = 1; f < frames; f++) {
        int16_t sample = pcm[f * step];
        found.min = sample < found.min ? sample : found.min;
        found.max = sample > found.max ? sample : found.max;
    }
    return found;
}

void rec_peaks(const int16_t *pcm, uint64_t frames, uint32_t channels, uint64_t window, rec_peak *out) {
    for (uint32_t c = 0; c < channels; c++) {
        for (uint64_t first = 0; first < frames; first += window) {
            uint64_t left = frames - first;
            *out++ = peak(pcm + first * channels + c, left < window ? left : window, channels);
        }
    }
}

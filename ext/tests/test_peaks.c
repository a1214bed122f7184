/* Whole and partial windows of one and two channels, and the limits of a sample. */
#include "check.h"

#include "peaks.h"

static void is(rec_peak peak, int min, int max) {
    CHECK(peak.min == min && peak.max == max);
}

int main(void) {
    const int16_t pcm[] = {1, -2, 32767, 5, -32768, -1, 7, 7, 0, -9};
    rec_peak peaks[8];
    CHECK(rec_peaks_windows(0, 3) == 0 && rec_peaks_windows(3, 3) == 1 && rec_peaks_windows(4, 3) == 2);
    rec_peaks(pcm, 10, 1, 3, peaks);
    is(peaks[0], -2, 32767);
    is(peaks[1], -32768, 5);
    is(peaks[2], 0, 7);
    is(peaks[3], -9, -9);
    rec_peaks(pcm, 5, 2, 3, peaks);
    is(peaks[0], -32768, 32767);
    is(peaks[1], 0, 7);
    is(peaks[2], -2, 5);
    is(peaks[3], -9, 7);
    rec_peaks(pcm, 0, 2, 3, peaks);
    is(peaks[0], -32768, 32767);
}

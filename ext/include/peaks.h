/* The lowest and the highest sample of each stretch of a file's frames: what a waveform is drawn from.
 *
 *     rec_peak peaks[2 * 10];
 *     rec_peaks(pcm, 8000, 2, 800, peaks);                        // stereo, 1 s in windows of 100 ms
 *     draw(peaks[0], peaks[10]);                                  // the first window, left and right
 */
#ifndef REC_PEAKS_H
#define REC_PEAKS_H

#include <stdint.h>

typedef struct {
    int16_t min, max;
} rec_peak;

/* Windows that `frames` frames fill, the last perhaps in part. */
uint64_t rec_peaks_windows(uint64_t frames, uint64_t window);
/* Interleaved frames of `channels`, in windows of `window` frames (at least 1), into `out`: all windows of the first
 * channel, then those of the next; channels x rec_peaks_windows(frames, window) in all. */
void rec_peaks(const int16_t *pcm, uint64_t frames, uint32_t channels, uint64_t window, rec_peak *out);

#endif

/* From the line's rate down to 8000 Hz, for the detectors.
 *
 *     rec_decimate d;
 *     if (rec_decimate_init(&d, 48000) < 0)
 *         return fail("rate");
 *     int16_t low[REC_DECIMATE_MAX];
 *     uint32_t samples = rec_decimate_process(&d, pcm, 480, low); // 80
 *
 * Exact ratios: 1, 2, 6, and 441/80 by 80 phases. With the last input of k x 10 ms, and no sooner, sample k x 80 - 1
 * comes out.
 * 3400 Hz passes, what would fold below 3400 Hz is 47 dB down or more. Integers only.
 */
#ifndef REC_DECIMATE_H
#define REC_DECIMATE_H

#include <stdint.h>

enum { REC_DECIMATE_MAX = 480, REC_DECIMATE_TAPS = 120 };

typedef struct {
    uint32_t rate_hz;
    uint32_t wait;  /* input samples to let pass before the next output's newest one */
    uint32_t phase; /* 44100 Hz: of the next output, in 80ths of an input sample */
    int16_t past[REC_DECIMATE_TAPS]; /* the newest input samples, newest last */
} rec_decimate;

/* 0, or -1: not a rate of 8000, 16000, 44100 or 48000 Hz. */
int rec_decimate_init(rec_decimate *d, uint32_t rate_hz);
/* Takes at most REC_DECIMATE_MAX samples of one channel; returns how many samples at 8000 Hz are in `out`. */
uint32_t rec_decimate_process(rec_decimate *d, const int16_t *pcm, uint32_t samples, int16_t out[REC_DECIMATE_MAX]);
/* The frame of the line, counted from the start, where sample number `sample` of the output stands: the filter's delay
 * is taken off, and what would lie before the start is 0. */
uint64_t rec_decimate_frame(const rec_decimate *d, int64_t sample);
/* Whether restored bytes can be gone on with safely: nothing in them leads out of a table. */
int rec_decimate_is_sound(const rec_decimate *d, uint32_t rate_hz);

#endif

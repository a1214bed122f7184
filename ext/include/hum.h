/* Mains hum on one channel: how much of its sound is 50 or 60 Hz and their harmonics, told for each 200 ms.
 *
 *     rec_hum hum;
 *     rec_hum_init(&hum, 8000, first_frame);
 *     rec_hummed hummed;
 *     if (rec_hum_process(&hum, pcm, 1, 800, &hummed) && hummed.hz)      // at most 100 ms at once
 *         tell(hummed.hz, hummed.level);
 *
 * The samples are averaged down to 800 Hz, where 200 ms hold a whole number of periods of every harmonic of either
 * frequency, so that one is not taken for the other and 0.2 Hz more or less change nothing. A window hums when the first
 * six harmonics are at least half of its power, the first three at least half of theirs, and they are -50 dBFS or
 * louder. Telephone tones have nothing there, and speech not for long. Integers, but for the last sums.
 */
#ifndef REC_HUM_H
#define REC_HUM_H

#include <stdint.h>

enum { REC_HUM_WINDOWS_PER_S = 5, REC_HUM_HARMONICS = 6, REC_HUM_MAINS = 2 };

typedef struct {
    uint8_t hz;    /* 50 or 60; 0: it does not hum */
    uint8_t level; /* of the hum, in -dBFS x 2 */
} rec_hummed;

typedef struct {
    uint32_t window;  /* frames of 200 ms */
    uint32_t at;      /* frames of the window that is being filled */
    uint32_t box;     /* number of the average that is being filled */
    uint32_t begun;   /* frame of the window at which it began */
    int32_t in_box;   /* sum of its samples */
    int is_whole;     /* the window was heard from its first frame on */
    int64_t sum;      /* of the window's samples */
    uint64_t energy;  /* and of their squares */
    int64_t re[REC_HUM_MAINS][REC_HUM_HARMONICS], im[REC_HUM_MAINS][REC_HUM_HARMONICS];
} rec_hum;

/* Start at `first_frame` of the line; windows begin at multiples of 200 ms by its clock. */
void rec_hum_init(rec_hum *h, uint32_t rate_hz, uint64_t first_frame);
/* Take `frames` samples, at most half a window of them, `stride` apart. 1: a window is complete, and judged. */
int rec_hum_process(rec_hum *h, const int16_t *pcm, uint32_t stride, uint32_t frames, rec_hummed *out);

#endif

/* The level meter of one channel: extremes and RMS of the samples since the last reading.
 *
 *     rec_level level;
 *     rec_level_reset(&level);
 *     rec_level_process(&level, pcm, 480);
 *     uint8_t below_full_scale = rec_level_rms(&level); // in -dBFS x 2
 */
#ifndef REC_LEVEL_H
#define REC_LEVEL_H

#include <stdint.h>

enum { REC_LEVEL_SILENCE = 255 };

typedef struct {
    uint64_t energy; /* sum of squares */
    uint32_t samples;
    int16_t min, max;
} rec_level;

void rec_level_reset(rec_level *l);
void rec_level_process(rec_level *l, const int16_t *pcm, uint32_t samples); /* any number */
/* RMS in -dBFS x 2, a full-scale square wave being 0; REC_LEVEL_SILENCE when all samples were 0 or there were none. */
uint8_t rec_level_rms(const rec_level *l);

#endif

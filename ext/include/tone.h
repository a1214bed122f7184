/* A sine with soft edges: the box's beeps.
 *
 *     int16_t pcm[3200];
 *     rec_tone(pcm, 3200, 8000, 1000.0, 8231.0);                 // 0.4 s of 1 kHz at -12 dBFS
 *
 * The first and the last 5 ms are raised-cosine edges. The same bytes on every CPU: no libm, no fused operations.
 */
#ifndef REC_TONE_H
#define REC_TONE_H

#include <stdint.h>

#define REC_TONE_EDGE_S 0.005

/* `hz` below rate_hz / 2; `peak` at most 32767. */
void rec_tone(int16_t *pcm, uint64_t frames, uint32_t rate_hz, double hz, double peak);

#endif

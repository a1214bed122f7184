/* Speech probability of one channel of audio at 8000 Hz, one value for each 10 ms.
 *
 *     rec_vad v;
 *     rec_vad_init(&v);
 *     float probability[REC_VAD_BLOCKS];
 *     uint32_t count = rec_vad_process(&v, pcm, 160, probability); // 2
 *
 * Value k speaks of samples 80k .. 80k+79 and of what came before; it does not look ahead. Every 30 ms the newest 32 ms
 * are looked at: the powers of 22 bands from 62 to 3875 Hz, how far each stands out of its floor, peaks, flatness and
 * harmonics. They go into a recurrent network of 64 cells, trained by ext/vad/train; a value stands until the next look.
 * A probability of 0.5 is the operating point, sensitivity 44. Where the network loses faith in speech that goes on, what
 * it says of 150 ms ago counts, as it has heard more of that. After 1 s below -70 dBFS the network rests, and the
 * probability is 0.
 */
#ifndef REC_VAD_H
#define REC_VAD_H

#include <stdint.h>

enum {
    REC_VAD_BLOCK = 80,
    REC_VAD_HOP = 240,    /* samples from one look at the spectrum to the next */
    REC_VAD_WINDOW = 256,
    REC_VAD_BANDS = 22,
    REC_VAD_LANES = 24,   /* bands, filled up to whole vectors */
    REC_VAD_CELLS = 64,
    REC_VAD_BLOCKS = 11,  /* most values of one call */
    REC_VAD_MOST = 800    /* most samples of one call */
};

typedef struct {
    int16_t window[REC_VAD_WINDOW]; /* the newest samples, newest last */
    uint32_t filled;                /* samples of the hop being filled */
    uint32_t quiet_hops;            /* the newest ones in a row that were quiet, up to 34 */
    float floor[REC_VAD_LANES];     /* log2 of each band's power in noise */
    float cell[REC_VAD_CELLS];      /* the network's memory, -1 .. 1 */
    float loud, lately;             /* the most that speech was lately; they fade in a second, and in some seconds */
    float probability;              /* newest value */
} rec_vad;

void rec_vad_init(rec_vad *v);
/* Hear at most REC_VAD_MOST samples; returns the number of blocks completed. */
uint32_t rec_vad_process(rec_vad *v, const int16_t *pcm, uint32_t samples, float probability[REC_VAD_BLOCKS]);
/* Whether restored bytes can be gone on with safely: nothing in them leads out of a table. */
int rec_vad_is_sound(const rec_vad *v);

#endif

/* Inside the DTMF detector: a pair of tones in the history of steps, and how much of it is in a step. */
#ifndef REC_DTMF_PAIR_H
#define REC_DTMF_PAIR_H

#include "dtmf.h"
#include "phasor.h"

static const float REC_DTMF_TWIST_LEAST = 0.1f; /* power of the high tone to the low one's: -10 dB */
static const float REC_DTMF_PRESENT = 0.5f; /* share of a pair's amplitude that makes a step present */

/* One step of an assumed pair: product of audio and pair, the pair's own energy. Their ratio is 1 where the pair is
 * present as assumed, 0 where it is not. */
typedef struct {
    float product, own;
} rec_dtmf_match;

/* Find a low and a high tone in the window of 27.5 ms that ends with the step of that number. 1; or 0: two tones, but
 * no digit's; or -1: nothing like it. The pair's phases are those of that step. */
int rec_dtmf_pair_find(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair);
void rec_dtmf_pair_forth(rec_dtmf_pair *pair); /* phases on to the next step */
void rec_dtmf_pair_back(rec_dtmf_pair *pair);  /* phases back to the step before */
rec_dtmf_match rec_dtmf_pair_match(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair);
/* The tone of that side alone in the step, the other's part taken off; 1 + 0i where it is as the pair says. */
rec_phasor rec_dtmf_pair_tone(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair, int side);
/* The high tone's power to the low one's. */
float rec_dtmf_pair_twist(const rec_dtmf_pair *pair);
/* How far the tone's frequency is off nominal, in radians a step. */
float rec_dtmf_pair_off(const rec_dtmf_pair *pair, int side);

#endif

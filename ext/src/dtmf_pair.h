/* Inside the DTMF detector: a pair of tones in the history of steps, and how much of it is in a step. */
#ifndef REC_DTMF_PAIR_H
#define REC_DTMF_PAIR_H

#include "dtmf.h"
#include "lanes.h"
#include "phasor.h"

static const float REC_DTMF_TWIST_LEAST = 0.1f; /* power of the high tone to the low one's: -10 dB */
static const float REC_DTMF_PRESENT = 0.5f; /* share of a pair's amplitude that makes a step present */

/* A pair laid over four steps, each lane one step before the lane in front of it. */
typedef struct {
    rec_lanes re[2], im[2];
    rec_phasor back[2]; /* turn to four steps before */
} rec_dtmf_four;

/* One step of an assumed pair, or four: product of audio and pair, the pair's own energy, and their ratio within 0..1:
 * 1 where the pair is present as assumed. */
typedef struct {
    rec_lanes product, own, share;
} rec_dtmf_match;

/* Find a low and a high tone in the window of 27.5 ms that ends with the step of that number. 1; or 0: two tones, but
 * no digit's; or -1: nothing like it. The pair's phases are those of that step. */
int rec_dtmf_pair_find(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair);
void rec_dtmf_pair_forth(rec_dtmf_pair *pair); /* phases on to the next step */
/* How much of the pair is in that step: 0 .. 1. */
float rec_dtmf_pair_share(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair);
/* The pair over the step of its phases and the three before; then over the four before those. */
rec_dtmf_four rec_dtmf_pair_lay(rec_dtmf_pair pair);
void rec_dtmf_four_back(rec_dtmf_four *four);
/* Over the four steps that end with that one. */
rec_dtmf_match rec_dtmf_four_match(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair,
                                   const rec_dtmf_four *four);
/* The tone of that side alone in them, the other's part taken off; 1 + 0i where it is as the pair says. */
void rec_dtmf_four_tone(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair, const rec_dtmf_four *four,
                        int side, rec_lanes *re, rec_lanes *im);
/* How much of the energy of the window that ends with that step the pair found in it is. */
float rec_dtmf_pair_likeness(const rec_dtmf_history *h, int64_t newest, const rec_dtmf_pair *pair);
/* The high tone's power to the low one's. */
float rec_dtmf_pair_twist(const rec_dtmf_pair *pair);
/* How far the tone's frequency is off nominal, in radians a step. */
float rec_dtmf_pair_off(const rec_dtmf_pair *pair, int side);

#endif

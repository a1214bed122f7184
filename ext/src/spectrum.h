/* Inside the voice detector: the power spectrum of 128 samples. */
#ifndef REC_SPECTRUM_H
#define REC_SPECTRUM_H

#include <stdint.h>

enum { REC_SPECTRUM_SAMPLES = 128, REC_SPECTRUM_BINS = 64 };

/* Hann window and transform; power[k] is of the 62.5 Hz around 62.5 k. A full-scale sine in the middle of a bin gives
 * 2^10, its neighbours a quarter of it. */
void rec_spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]);

#endif

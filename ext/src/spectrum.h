/* Inside the voice detector: the power spectrum of 256 samples. */
#ifndef REC_SPECTRUM_H
#define REC_SPECTRUM_H

#include <stdint.h>

enum { REC_SPECTRUM_SAMPLES = 256, REC_SPECTRUM_BINS = 128 };

/* Hann window and transform; power[k] is of the 31.25 Hz around 31.25 k. A full-scale sine in the middle of a bin gives
 * 2^12, its neighbours a quarter of it. */
void rec_spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]);

#endif

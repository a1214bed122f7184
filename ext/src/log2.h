/* Logarithm to base 2 without libm, so that every CPU computes the same bits. */
#ifndef REC_LOG2_H
#define REC_LOG2_H

#include <stdint.h>

#include "lanes.h"

/* log2 of four normal positive numbers, off by less than 2e-5. */
static inline rec_lanes rec_log2_lanes(rec_lanes x) {
    typedef int32_t ints __attribute__((vector_size(16)));
    ints bits = (ints)x, exponent = (bits >> 23) - 127;
    rec_lanes m = (rec_lanes)((bits & 0x007FFFFF) | 0x3F800000) - 1.0f;
    /* Chebyshev fit of log2(1+m)/m on 0..1. */
    rec_lanes fit = 0.46885902f + m * (-0.30197313f + m * (0.14461236f + m * -0.03378576f));
    return __builtin_convertvector(exponent, rec_lanes) + m * (1.44268246f + m * (-0.72039494f + m * fit));
}

static inline float rec_log2(float x) {
    return rec_log2_lanes((rec_lanes){x, 1.0f, 1.0f, 1.0f})[0];
}

#endif

/* Logarithm to base 2 without libm, so that every CPU computes the same bits. */
#ifndef REC_LOG2_H
#define REC_LOG2_H

#include <stdint.h>
#include <string.h>

/* log2(x) for a normal positive x, off by less than 2e-5. */
static inline float rec_log2(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (int32_t)(bits >> 23) - 127;
    bits = (bits & 0x007FFFFFu) | 0x3F800000u;
    float m;
    memcpy(&m, &bits, sizeof m);
    /* Chebyshev fit for log2(m)/(m-1) on 1..2. */
    m -= 1.0f;
    return (float)exponent +
           m * (1.44268246f + m * (-0.72039494f + m * (0.46885902f +
                m * (-0.30197313f + m * (0.14461236f + m * -0.03378576f)))));
}

#endif

/* Complex arithmetic without libm, so that every CPU computes the same bits. */
#ifndef REC_PHASOR_H
#define REC_PHASOR_H

typedef struct {
    float re, im;
} rec_phasor;

static inline rec_phasor rec_times(rec_phasor a, rec_phasor b) {
    return (rec_phasor){a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

static inline rec_phasor rec_conjugate(rec_phasor a) {
    return (rec_phasor){a.re, -a.im};
}

static inline float rec_power(rec_phasor a) {
    return a.re * a.re + a.im * a.im;
}

/* The angle of a phasor, off by less than 2e-5. */
static inline float rec_angle(rec_phasor a) {
    float x = __builtin_fabsf(a.re), y = __builtin_fabsf(a.im);
    if (x + y == 0.0f)
        return 0.0f;
    float z = x > y ? y / x : x / y, q = z * z;
    float turn = 0.05265332f - q * 0.01172120f;
    turn = z * (0.99997726f + q * (-0.33262347f + q * (0.19354346f + q * (-0.11643287f + q * turn))));
    turn = x > y ? turn : 1.57079633f - turn;
    turn = a.re < 0 ? 3.14159265f - turn : turn;
    return a.im < 0 ? -turn : turn;
}

/* e^ix for -1.1 < x < 1.1, off by less than 1e-6. */
static inline rec_phasor rec_unit(float x) {
    float q = x * x;
    float re = 1.0f - q * (1.0f / 2 - q * (1.0f / 24 - q * (1.0f / 720 - q * (1.0f / 40320))));
    float im = x * (1.0f - q * (1.0f / 6 - q * (1.0f / 120 - q * (1.0f / 5040))));
    return (rec_phasor){re, im};
}

#endif

#include "spectrum.h"

#include "lanes.h"
#include "vad_tables.h"

/* The 256 samples are eight interleaved sequences of 32: x[8n + j]. Sequence l and sequence l + 4 are the two parts of
 * one complex sequence, in lane l, so that each step of a 32-point transform does four of them at once. */
enum { POINTS = 32, QUARTER = POINTS / 4 };

typedef struct {
    rec_lanes re, im;
} pair;

static inline pair plus(pair a, pair b) {
    return (pair){a.re + b.re, a.im + b.im};
}

static inline pair minus(pair a, pair b) {
    return (pair){a.re - b.re, a.im - b.im};
}

/* -i a */
static inline pair turned(pair a) {
    return (pair){a.im, -a.re};
}

static inline pair times(pair a, rec_lanes re, rec_lanes im) {
    return (pair){a.re * re - a.im * im, a.re * im + a.im * re};
}

/* The four sums of a transform of four points. */
static inline void four(pair a, pair b, pair c, pair d, pair sum[4]) {
    pair s = plus(a, c), t = minus(a, c), u = plus(b, d), v = turned(minus(b, d));
    sum[0] = plus(s, u);
    sum[1] = plus(t, v);
    sum[2] = minus(s, u);
    sum[3] = minus(t, v);
}

static void windowed(const int16_t pcm[REC_SPECTRUM_SAMPLES], pair z[POINTS]) {
    for (int n = 0; n < POINTS; n++) {
        float eight[8];
        for (int j = 0; j < 8; j++)
            eight[j] = pcm[8 * n + j] * WINDOW[8 * n + j];
        z[n] = (pair){rec_lanes_load(eight), rec_lanes_load(eight + 4)};
    }
}

/* One radix-4 pass of Stockham's transform: `stride` interleaved transforms. */
static inline void pass(int stride, const pair *restrict from, pair *restrict to) {
    int quarter = QUARTER / stride;
    for (int p = 0; p < quarter; p++) {
        const float(*turn)[2] = ROOT32 + 3 * p * stride;
        for (int q = 0; q < stride; q++) {
            const pair *at = from + q + stride * p;
            pair sum[4];
            four(at[0], at[QUARTER], at[2 * QUARTER], at[3 * QUARTER], sum);
            pair *out = to + q + stride * 4 * p;
            out[0] = sum[0];
            for (int k = 1; k < 4; k++)
                out[k * stride] = p == 0 ? sum[k] : times(sum[k], rec_lanes_all(turn[k - 1][0]), rec_lanes_all(turn[k - 1][1]));
        }
    }
}

static inline void transpose(rec_lanes row[4]) {
    rec_lanes a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
    rec_lanes b = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
    rec_lanes c = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
    rec_lanes d = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
    row[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    row[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    row[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    row[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}

static inline rec_lanes power_of(pair a) {
    return a.re * a.re + a.im * a.im;
}

/* From four neighbours of the lanes' transforms, turned by their lane, to the powers of bins 32 or 64 apart. */
static inline void across(rec_lanes re[4], rec_lanes im[4], rec_lanes power[4]) {
    pair sum[4];
    transpose(re);
    transpose(im);
    four((pair){re[0], im[0]}, (pair){re[1], im[1]}, (pair){re[2], im[2]}, (pair){re[3], im[3]}, sum);
    for (int m = 0; m < 4; m++)
        power[m] = power_of(sum[m]);
}

/* Bins k + 32 m for four neighbouring k; those from 128 on are the mirror images of bins below. */
static inline void join(const pair z[POINTS], int first, float power[REC_SPECTRUM_BINS]) {
    rec_lanes even_re[4], even_im[4], odd_re[4], odd_im[4], even[4], odd[4];
    for (int i = 0; i < 4; i++) {
        int k = first + i;
        pair a = z[k], b = z[POINTS - k];
        pair low = {a.re + b.re, a.im - b.im}, high = {a.im + b.im, b.re - a.re}; /* sequences l, and l + 4 */
        high = times(high, rec_lanes_all(ROOT64[k][0]), rec_lanes_all(ROOT64[k][1]));
        const float *turn = ROOT256[k];
        pair e = times(plus(low, high), rec_lanes_load(turn), rec_lanes_load(turn + 4));
        pair o = times(minus(low, high), rec_lanes_load(turn + 8), rec_lanes_load(turn + 12));
        even_re[i] = e.re, even_im[i] = e.im, odd_re[i] = o.re, odd_im[i] = o.im;
    }
    across(even_re, even_im, even);
    across(odd_re, odd_im, odd);
    for (int m = 0; m < 2; m++) {
        rec_lanes_store(power + first + 64 * m, even[m]);
        rec_lanes_store(power + first + 64 * m + 32, odd[m]);
        /* Those of bins 256 - (first + 64 m + 128) and downwards. */
        rec_lanes_store(power + 128 - 64 * m - first - 3, __builtin_shufflevector(even[m + 2], even[m + 2], 3, 2, 1, 0));
        rec_lanes_store(power + 96 - 64 * m - first - 3, __builtin_shufflevector(odd[m + 2], odd[m + 2], 3, 2, 1, 0));
    }
}

/* Bins 0, 32, 64 and 96: a transform of eight real sums, each of the sequences' own sum. */
static void join_first(pair sums, float power[REC_SPECTRUM_BINS]) {
    const float root_half = 0.70710678f;
    rec_lanes s = 2.0f * (sums.re + sums.im), d = 2.0f * (sums.re - sums.im);
    float a = root_half * (d[1] - d[3]), b = root_half * (d[1] + d[3]), even = s[0] - s[2], odd = s[1] - s[3];
    power[0] = (s[0] + s[1] + s[2] + s[3]) * (s[0] + s[1] + s[2] + s[3]);
    power[32] = (d[0] + a) * (d[0] + a) + (d[2] + b) * (d[2] + b);
    power[64] = even * even + odd * odd;
    power[96] = (d[0] - a) * (d[0] - a) + (d[2] - b) * (d[2] - b);
}

void rec_spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]) {
    pair z[POINTS], other[POINTS];
    windowed(pcm, z);
    pass(1, z, other);
    pass(4, other, z);
    for (int k = 0; k < POINTS / 2; k++) { /* a last pass of radix 2, without turns */
        other[k] = plus(z[k], z[k + POINTS / 2]);
        other[k + POINTS / 2] = minus(z[k], z[k + POINTS / 2]);
    }
    join_first(other[0], power);
    for (int k = 1; k <= POINTS / 2; k += 4)
        join(other, k, power);
}

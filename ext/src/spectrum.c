#include "spectrum.h"

#include "lanes.h"
#include "vad_tables.h"

/* The 256 samples are eight interleaved sequences of 32: x[8n + j]. Sequence l and sequence l + 4 are the two parts of
 * one complex sequence, in lane l, so that each step of a 32-point transform does four of them at once. */
enum { POINTS = 32, LANES = 4, PART = POINTS * LANES / 4 };

typedef float parts[POINTS * LANES]; /* of each point the four lanes' real ones, or their imaginary ones */

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

static inline void windowed(const int16_t pcm[REC_SPECTRUM_SAMPLES], parts re, parts im) {
    for (int n = 0; n < POINTS; n++) {
        int16_t samples __attribute__((vector_size(16)));
        rec_eight eight, window;
        memcpy(&samples, pcm + 2 * LANES * n, sizeof samples);
        memcpy(&window, WINDOW + 2 * LANES * n, sizeof window);
        eight = __builtin_convertvector(samples, rec_eight) * window;
        rec_lanes_store(re + LANES * n, __builtin_shufflevector(eight, eight, 0, 1, 2, 3));
        rec_lanes_store(im + LANES * n, __builtin_shufflevector(eight, eight, 4, 5, 6, 7));
    }
}

/* One radix-4 pass of Stockham's transform, of two points' lanes at a time: their four outputs follow each other, and
 * are those that the next pass takes. */
static inline void pass(const float turn[6][PART], const float *restrict re, const float *restrict im,
                        float *restrict to_re, float *restrict to_im) {
    for (int two = 0; two < PART; two += 8, to_re += PART, to_im += PART)
        for (int i = 0; i < 8; i++) {
            const float *a = re + two + i, *b = im + two + i;
            float s_re = a[0] + a[2 * PART], t_re = a[0] - a[2 * PART];
            float s_im = b[0] + b[2 * PART], t_im = b[0] - b[2 * PART];
            float u_re = a[PART] + a[3 * PART], v_im = a[PART] - a[3 * PART];
            float u_im = b[PART] + b[3 * PART], v_re = b[PART] - b[3 * PART];
            float sum_re[3] = {t_re + v_re, s_re - u_re, t_re - v_re};
            float sum_im[3] = {t_im - v_im, s_im - u_im, t_im + v_im};
            to_re[i] = s_re + u_re;
            to_im[i] = s_im + u_im;
            for (int k = 0; k < 3; k++) {
                float w_re = turn[2 * k][two + i], w_im = turn[2 * k + 1][two + i];
                to_re[8 * (k + 1) + i] = sum_re[k] * w_re - sum_im[k] * w_im;
                to_im[8 * (k + 1) + i] = sum_re[k] * w_im + sum_im[k] * w_re;
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

static inline void spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]) {
    parts re, im, other_re, other_im;
    pair z[POINTS];
    windowed(pcm, re, im);
    pass(FIRST_TURN, re, im, other_re, other_im);
    pass(SECOND_TURN, other_re, other_im, re, im);
    for (int q = 0; q < 4; q++)
        for (int k = q, at = q * PART; k < POINTS / 2; k += 4, at += 8) { /* a last pass of radix 2, without turns */
            pair a = {rec_lanes_load(re + at), rec_lanes_load(im + at)};
            pair b = {rec_lanes_load(re + at + LANES), rec_lanes_load(im + at + LANES)};
            z[k] = plus(a, b);
            z[k + POINTS / 2] = minus(a, b);
        }
    join_first(z[0], power);
    for (int k = 1; k <= POINTS / 2; k += 4)
        join(z, k, power);
}

REC_WIDE static void spectrum_wide(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]) {
    spectrum(pcm, power);
}

void rec_spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]) {
    (rec_is_wide() ? spectrum_wide : spectrum)(pcm, power);
}

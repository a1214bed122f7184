#include "spectrum.h"

#include "vad_tables.h"

enum { POINTS = REC_SPECTRUM_SAMPLES / 2 };

/* One radix-4 pass of Stockham's transform: `stride` interleaved transforms of POINTS/stride points. The inner loop
 * runs over neighbours in memory, for the vector units. */
static void pass(int stride, const float *restrict re, const float *restrict im, float *restrict to_re,
                 float *restrict to_im) {
    int quarter = POINTS / stride / 4;
    for (int p = 0; p < quarter; p++) {
        float w1 = ROOT64_RE[p * stride], v1 = ROOT64_IM[p * stride];
        float w2 = ROOT64_RE[2 * p * stride], v2 = ROOT64_IM[2 * p * stride];
        float w3 = ROOT64_RE[3 * p * stride], v3 = ROOT64_IM[3 * p * stride];
        for (int q = 0; q < stride; q++) {
            int a = q + stride * p, b = a + stride * quarter, c = b + stride * quarter, d = c + stride * quarter;
            int to = q + stride * 4 * p;
            float s_re = re[a] + re[c], s_im = im[a] + im[c], t_re = re[a] - re[c], t_im = im[a] - im[c];
            float u_re = re[b] + re[d], u_im = im[b] + im[d], x_re = im[b] - im[d], x_im = re[d] - re[b];
            float b_re = t_re + x_re, b_im = t_im + x_im, c_re = s_re - u_re, c_im = s_im - u_im;
            float d_re = t_re - x_re, d_im = t_im - x_im;
            to_re[to] = s_re + u_re;
            to_im[to] = s_im + u_im;
            to_re[to + stride] = b_re * w1 - b_im * v1;
            to_im[to + stride] = b_re * v1 + b_im * w1;
            to_re[to + 2 * stride] = c_re * w2 - c_im * v2;
            to_im[to + 2 * stride] = c_re * v2 + c_im * w2;
            to_re[to + 3 * stride] = d_re * w3 - d_im * v3;
            to_im[to + 3 * stride] = d_re * v3 + d_im * w3;
        }
    }
}

void rec_spectrum(const int16_t pcm[REC_SPECTRUM_SAMPLES], float power[REC_SPECTRUM_BINS]) {
    float re[POINTS], im[POINTS], other_re[POINTS], other_im[POINTS];
    for (int n = 0; n < POINTS; n++) {
        re[n] = pcm[2 * n] * WINDOW[2 * n];
        im[n] = pcm[2 * n + 1] * WINDOW[2 * n + 1];
    }
    pass(1, re, im, other_re, other_im);
    pass(4, other_re, other_im, re, im);
    pass(16, re, im, other_re, other_im);
    /* Even and odd samples were transformed as one complex signal: part them and join them again. */
    power[0] = (other_re[0] + other_im[0]) * (other_re[0] + other_im[0]);
    for (int k = 1; k < POINTS; k++) {
        int m = POINTS - k;
        float even_re = 0.5f * (other_re[k] + other_re[m]), even_im = 0.5f * (other_im[k] - other_im[m]);
        float odd_re = 0.5f * (other_im[k] + other_im[m]), odd_im = 0.5f * (other_re[m] - other_re[k]);
        float x_re = even_re + odd_re * ROOT128_RE[k] - odd_im * ROOT128_IM[k];
        float x_im = even_im + odd_re * ROOT128_IM[k] + odd_im * ROOT128_RE[k];
        power[k] = x_re * x_re + x_im * x_im;
    }
}

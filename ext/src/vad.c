#include "vad.h"

#include <string.h>

#include "log2.h"
#include "spectrum.h"

enum {
    SPAN_BLOCKS = 50, /* 0.5 s */
};

/* Powers are those of rec_spectrum: a full-scale sine is 10 in log2, and 1 in log2 is 3 dB. */
static const float QUIETEST = -14.0f; /* no floor lies below: about the rounding noise of 14 bits */
static const float SMOOTHING = 0.25f; /* weight of the newest block in the smoothed power */
static const float MARGIN = 2.2f;     /* of a block's power in noise above the smoothed power's minimum */
static const float CAP = 4.0f;        /* of a band's excess */
static const float OPERATING = 0.65f;  /* average evidence that is speech as likely as not */
static const float STEEPNESS = 2.2f;
static const float TONAL = 0.92f;     /* share of the power in two peaks above which a block is a tone, not a voice */

/* The bands' edges in bins of 62.5 Hz: 125 .. 3750 Hz, single bins up to 500 Hz, then about a quarter octave. */
static const uint8_t EDGE[REC_VAD_BANDS + 1] = {2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 19, 22, 26, 31, 37, 43, 51, 60};

static const float UNKNOWN = 100.0f;  /* above any power */
static const float TONAL_LEAST = 0.3f; /* evidence below which it does not matter whether a block is a tone */

enum { QUIET = REC_VAD_WINDOW * 8 }; /* sum of squares of a window in which no band can be above QUIETEST */

void rec_vad_init(rec_vad *v) {
    memset(v, 0, sizeof *v);
    for (int b = 0; b < REC_VAD_LANES; b++) {
        v->smooth[b] = v->past[b] = UNKNOWN;
        for (int s = 0; s < REC_VAD_SPANS; s++)
            v->least[s][b] = UNKNOWN;
    }
}

/* The greatest of the powers, which are not negative: their bits are ordered as they are. */
static int32_t greatest(const int32_t bits[REC_SPECTRUM_BINS]) {
    int32_t most = 0;
    for (int k = 0; k < REC_SPECTRUM_BINS; k++)
        most = bits[k] > most ? bits[k] : most;
    return most;
}

static float of_bits(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Whether two peaks of three bins hold nearly all the power: dial tone, ringback, DTMF, a beep. */
static int is_tonal(const float power[REC_SPECTRUM_BINS]) {
    float triple[REC_SPECTRUM_BINS] = {0};
    int32_t bits[REC_SPECTRUM_BINS];
    for (int k = 2; k < REC_SPECTRUM_BINS - 1; k++)
        triple[k] = power[k - 1] + power[k] + power[k + 1];
    memcpy(bits, triple, sizeof bits);
    int32_t first = greatest(bits);
    int peak = 2;
    while (bits[peak] != first)
        peak++;
    for (int k = peak - 2; k <= peak + 2 && k < REC_SPECTRUM_BINS; k++)
        bits[k] = 0;
    float total = 0;
    for (int k = 3; k < REC_SPECTRUM_BINS - 1; k += 3)
        total += triple[k];
    return of_bits(first) + of_bits(greatest(bits)) > TONAL * total;
}

/* log2 of the power in each band; the lanes behind the last band are QUIETEST. */
static void measure_bands(const float power[REC_SPECTRUM_BINS], float block[REC_VAD_LANES]) {
    float total[REC_VAD_LANES] = {0};
    for (int b = 0; b < REC_VAD_BANDS; b++)
        for (int k = EDGE[b]; k < EDGE[b + 1]; k++)
            total[b] += power[k];
    for (int b = 0; b < REC_VAD_LANES; b++)
        total[b] = total[b] > 0x1p-14f ? total[b] : 0x1p-14f; /* 2 ^ QUIETEST */
    for (int b = 0; b < REC_VAD_LANES; b += 4)
        rec_lanes_store(block + b, rec_log2_lanes(rec_lanes_load(total + b)));
}

static void begin_span(rec_vad *v) {
    memmove(v->least[1], v->least[0], sizeof v->least - sizeof v->least[0]);
    memcpy(v->least[0], v->smooth, sizeof v->smooth);
    memcpy(v->past, v->least[1], sizeof v->past);
    for (int s = 2; s < REC_VAD_SPANS; s++)
        for (int b = 0; b < REC_VAD_LANES; b++)
            v->past[b] = v->least[s][b] < v->past[b] ? v->least[s][b] : v->past[b];
    v->span_blocks = 0;
}

/* Track each band's floor; returns how far the block stands out of them on average, 0 .. CAP. */
static float excess(rec_vad *v, const float block[REC_VAD_LANES]) {
    float over[REC_VAD_LANES], sum = 0;
    for (int b = 0; b < REC_VAD_LANES; b++) {
        float before = v->smooth[b] == UNKNOWN ? block[b] : v->smooth[b];
        float smooth = before + SMOOTHING * (block[b] - before);
        float least = smooth < v->least[0][b] ? smooth : v->least[0][b];
        float above = block[b] - (v->past[b] < least ? v->past[b] : least) - MARGIN;
        v->smooth[b] = smooth;
        v->least[0][b] = least;
        above = above < CAP ? above : CAP;
        over[b] = above > 0.0f ? above : 0.0f;
    }
    for (int b = 0; b < REC_VAD_BANDS; b++)
        sum += over[b];
    return sum / REC_VAD_BANDS;
}

static int is_quiet(const int16_t window[REC_VAD_WINDOW]) {
    uint32_t sum = 0;
    int loud = 0;
    for (int n = 0; n < REC_VAD_WINDOW; n++) {
        loud |= window[n] > 31 || window[n] < -31;
        sum += (uint32_t)(window[n] * window[n]);
    }
    return !loud && sum < QUIET;
}

/* What the newest block speaks for speech, 0 .. CAP. */
static float weigh(rec_vad *v) {
    float power[REC_SPECTRUM_BINS], block[REC_VAD_LANES];
    if (++v->span_blocks > SPAN_BLOCKS)
        begin_span(v);
    if (is_quiet(v->window)) {
        for (int b = 0; b < REC_VAD_LANES; b++)
            block[b] = QUIETEST;
        return excess(v, block);
    }
    rec_spectrum(v->window, power);
    measure_bands(power, block);
    float evidence = excess(v, block);
    return evidence > TONAL_LEAST && is_tonal(power) ? 0.0f : evidence;
}

/* 0 .. 1, a half at the operating point. */
static float probability_of(float evidence) {
    float x = STEEPNESS * (evidence - OPERATING);
    return 0.5f + 0.5f * x / (1.0f + (x < 0 ? -x : x));
}

static float hear_block(rec_vad *v) {
    v->evidence[v->at] = weigh(v);
    v->at = (v->at + 1) % REC_VAD_AVERAGE;
    float sum = 0;
    for (int i = 0; i < REC_VAD_AVERAGE; i++)
        sum += v->evidence[i];
    return probability_of(sum / REC_VAD_AVERAGE);
}

uint32_t rec_vad_process(rec_vad *v, const int16_t *pcm, uint32_t samples, float probability[REC_VAD_BLOCKS]) {
    uint32_t count = 0;
    while (samples > 0) {
        uint32_t room = REC_VAD_BLOCK - v->filled, take = room < samples ? room : samples;
        memcpy(v->window + REC_VAD_WINDOW - room, pcm, take * sizeof *pcm);
        pcm += take;
        samples -= take;
        v->filled += take;
        if (v->filled == REC_VAD_BLOCK) {
            probability[count++] = hear_block(v);
            memmove(v->window, v->window + REC_VAD_BLOCK, (REC_VAD_WINDOW - REC_VAD_BLOCK) * sizeof *pcm);
            v->filled = 0;
        }
    }
    return count;
}

int rec_vad_is_sound(const rec_vad *v) {
    for (int i = 0; i < REC_VAD_AVERAGE; i++)
        if (!(v->evidence[i] >= 0.0f && v->evidence[i] <= CAP))
            return 0;
    return v->filled < REC_VAD_BLOCK && v->at < REC_VAD_AVERAGE && v->span_blocks <= SPAN_BLOCKS;
}

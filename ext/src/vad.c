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
static const float MARGIN = 1.8f;     /* of a block's power in noise above the smoothed power's minimum */
static const float CAP = 4.0f;        /* of a band's excess */
static const float OPERATING = 0.9f;  /* average evidence that is speech as likely as not */
static const float STEEPNESS = 2.2f;
static const float TONAL = 0.92f;     /* share of the power in two peaks above which a block is a tone, not a voice */

/* The bands' edges in bins of 62.5 Hz: 125 .. 3750 Hz, single bins up to 500 Hz, then about a quarter octave. */
static const uint8_t EDGE[REC_VAD_BANDS + 1] = {2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 19, 22, 26, 31, 37, 43, 51, 60};

static const float UNKNOWN = 100.0f; /* above any power */

void rec_vad_init(rec_vad *v) {
    memset(v, 0, sizeof *v);
    for (int b = 0; b < REC_VAD_BANDS; b++) {
        v->smooth[b] = UNKNOWN;
        for (int s = 0; s < REC_VAD_SPANS; s++)
            v->least[s][b] = UNKNOWN;
    }
}

/* Whether two peaks of three bins hold nearly all the power: dial tone, ringback, DTMF, a beep. */
static int is_tonal(const float power[REC_SPECTRUM_BINS]) {
    float total = 0, first = 0, second = 0;
    int peak = 0;
    for (int k = 2; k < REC_SPECTRUM_BINS - 1; k++) {
        float here = power[k - 1] + power[k] + power[k + 1];
        total += power[k];
        if (here > first) {
            first = here;
            peak = k;
        }
    }
    for (int k = 2; k < REC_SPECTRUM_BINS - 1; k++) {
        float here = power[k - 1] + power[k] + power[k + 1];
        if ((k > peak + 2 || k < peak - 2) && here > second)
            second = here;
    }
    return first + second > TONAL * total;
}

static void begin_span(rec_vad *v) {
    memmove(v->least[1], v->least[0], sizeof v->least - sizeof v->least[0]);
    memcpy(v->least[0], v->smooth, sizeof v->smooth);
    v->span_blocks = 0;
}

/* Track one band's floor; returns how far the block stands out of it. */
static float excess(rec_vad *v, int band, float block) {
    float smooth = v->smooth[band];
    smooth = smooth == UNKNOWN ? block : smooth + SMOOTHING * (block - smooth);
    v->smooth[band] = smooth;
    if (smooth < v->least[0][band])
        v->least[0][band] = smooth;
    float floor = v->least[0][band];
    for (int s = 1; s < REC_VAD_SPANS; s++)
        floor = v->least[s][band] < floor ? v->least[s][band] : floor;
    float over = block - floor - MARGIN;
    return over > CAP ? CAP : over > 0.0f ? over : 0.0f;
}

/* The mean excess of the bands in the newest block, 0 .. CAP. */
static float weigh(rec_vad *v) {
    float power[REC_SPECTRUM_BINS], sum = 0;
    rec_spectrum(v->window, power);
    if (++v->span_blocks > SPAN_BLOCKS)
        begin_span(v);
    for (int band = 0; band < REC_VAD_BANDS; band++) {
        float total = 0;
        for (int k = EDGE[band]; k < EDGE[band + 1]; k++)
            total += power[k];
        float block = total > 0x1p-14f ? rec_log2(total) : QUIETEST;
        sum += excess(v, band, block);
    }
    return is_tonal(power) ? 0.0f : sum / REC_VAD_BANDS;
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

#include "vad_features.h"

#include <string.h>

#include "log2.h"
#include "whole.h"
#include "spectrum.h"
#include "vad_tables.h"

/* Powers are those of rec_spectrum: a full-scale sine is 12 in log2, and 1 in log2 is 3 dB. */
static const float QUIETEST = -16.0f;  /* no band's power is below */
static const float FAINTEST = 0x1p-24f; /* no bin's power is below */
static const float UNKNOWN = 100.0f;   /* a floor that is not known yet is above any power */
static const float FARTHEST = 4.0f;    /* that a floor may be above a band's power */
static const float FALL = 0.4f;        /* share of the way down that a floor goes in one hop */
static const float RISE = 0.018f;      /* that a floor rises in one hop: 1.8 dB a second */

enum {
    BANDS = REC_VAD_BANDS,
    PEAK_FIRST = 4, /* bins in which the highest one is sought, from 125 Hz */
    PEAK_END = 120,
    QUIET_SUM = REC_VAD_WINDOW * 11 * 11, /* sum of squares of a quiet window */
    QUIET_MOST = 63,                      /* no sample of it is beyond */
};

_Static_assert((int)REC_VAD_WINDOW == (int)REC_SPECTRUM_SAMPLES, "one window, one spectrum");
_Static_assert(REC_VAD_LAGS % 16 == 0, "the rows of so many rec_whole_rows");
_Static_assert(2 * REC_VAD_BANDS + 4 == REC_VAD_FEATURES, "the features' layout");

void rec_vad_floor_init(float floor[REC_VAD_LANES]) {
    for (int b = 0; b < REC_VAD_LANES; b++)
        floor[b] = UNKNOWN;
}

static float highest(const float power[REC_SPECTRUM_BINS]) {
    rec_lanes most = {0};
    for (int k = PEAK_FIRST; k < PEAK_END; k += 4)
        most = rec_lanes_max(most, rec_lanes_load(power + k));
    most = rec_lanes_max(most, __builtin_shufflevector(most, most, 2, 3, 0, 1));
    return most[0] > most[1] ? most[0] : most[1];
}

/* The sums of `count` neighbouring bands of `width` bins from `bin` on. */
static inline void sum_bands(const float *bin, int width, int count, float *total) {
    for (int b = 0; b < count; b++) {
        float sum = bin[b * width];
        for (int k = 1; k < width; k++)
            sum += bin[b * width + k];
        total[b] = sum;
    }
}

/* log2 of the power in each band, 62 .. 3875 Hz; the lanes behind the last band are QUIETEST. Returns the power in
 * all. */
static float measure_bands(const float power[REC_SPECTRUM_BINS], float band[REC_VAD_LANES]) {
    float total[REC_VAD_LANES] = {0}, all = 0;
    sum_bands(power + 2, 2, 7, total);
    sum_bands(power + 16, 3, 2, total + 7);
    sum_bands(power + 22, 4, 2, total + 9);
    sum_bands(power + 30, 5, 2, total + 11);
    sum_bands(power + 40, 6, 1, total + 13);
    sum_bands(power + 46, 7, 2, total + 14);
    sum_bands(power + 60, 8, 1, total + 16);
    sum_bands(power + 68, 9, 1, total + 17);
    sum_bands(power + 77, 10, 1, total + 18);
    sum_bands(power + 87, 11, 1, total + 19);
    sum_bands(power + 98, 12, 1, total + 20);
    sum_bands(power + 110, 14, 1, total + 21);
    for (int b = 0; b < BANDS; b++)
        all += total[b];
    for (int b = 0; b < REC_VAD_LANES; b += 4) /* at least 2 ^ QUIETEST */
        rec_lanes_store(band + b, rec_log2_lanes(rec_lanes_max(rec_lanes_load(total + b), rec_lanes_all(0x1p-16f))));
    return all;
}

/* Track each band's floor: fast down, slowly up. */
static void rise_above(const float band[REC_VAD_LANES], float floor[REC_VAD_LANES], float above[REC_VAD_LANES]) {
    for (int b = 0; b < REC_VAD_LANES; b += 4) {
        rec_lanes now = rec_lanes_load(band + b);
        rec_lanes before = rec_lanes_min(rec_lanes_load(floor + b), now + FARTHEST);
        rec_lanes over = now - before;
        rec_lanes step = rec_lanes_min(over, rec_lanes_all(RISE));
        step = rec_lanes_max(step, FALL * step); /* less of it, if it is negative */
        rec_lanes_store(floor + b, before + step);
        rec_lanes_store(above + b, over - step);
    }
}

/* How much a ripple of the spectrum's logarithm, such as the harmonics of a pitch, stands out, and of what period. */
static inline void find_ripple(rec_whole_rows_of *rows, const float fine[REC_VAD_FINE], float found[2]) {
    int16_t whole[REC_VAD_FINE];
    rec_whole pair[REC_VAD_FINE / 2];
    rec_whole sum[REC_VAD_LAGS / 4] = {0};
    int32_t most = INT32_MIN, at = 0;
    for (int k = 0; k < REC_VAD_FINE; k += 8)
        rec_whole_round(rec_lanes_load(fine + k) * 1024.0f, rec_lanes_load(fine + k + 4) * 1024.0f, whole + k);
    rec_whole_spread(whole, REC_VAD_FINE, pair);
    for (int lag = 0; lag < REC_VAD_LAGS; lag += 16)
        rows(RIPPLE[lag / 16], pair, REC_VAD_FINE, 1, sum + lag / 4);
    for (int lag = 0; lag < REC_VAD_LAGS; lag++) {
        int32_t here = sum[lag / 4][lag % 4];
        at = here > most ? lag : at;
        most = here > most ? here : most;
    }
    found[0] = (float)most * 0x1p-22f;
    found[1] = (float)at;
}

static inline void measure(rec_whole_rows_of *rows, const float power[REC_SPECTRUM_BINS], float floor[REC_VAD_LANES],
                           float features[REC_VAD_FEATURES]) {
    float band[REC_VAD_LANES], above[REC_VAD_LANES], fine[REC_VAD_FINE];
    float all = measure_bands(power, band);
    rise_above(band, floor, above);
    rec_lanes sum = {0}, mean = {0};
    for (int k = 0; k < REC_VAD_FINE; k += 4) {
        rec_lanes value = rec_lanes_max(rec_lanes_load(power + REC_VAD_FINE_FIRST + k), rec_lanes_all(FAINTEST));
        rec_lanes bits = rec_log2_lanes(value);
        sum += value;
        mean += bits;
        rec_lanes_store(fine + k, bits);
    }
    rec_lanes logs = rec_log2_lanes((rec_lanes){highest(power) + FAINTEST, all + FAINTEST, rec_lanes_sum(sum), 1.0f});
    memcpy(features, band, BANDS * sizeof *features);
    memcpy(features + BANDS, above, BANDS * sizeof *features);
    features[2 * BANDS] = logs[0] - logs[1];
    features[2 * BANDS + 1] = rec_lanes_sum(mean) * (1.0f / REC_VAD_FINE) - logs[2];
    find_ripple(rows, fine, features + 2 * BANDS + 2);
}

REC_WIDE static void measure_wide(const float power[REC_SPECTRUM_BINS], float floor[REC_VAD_LANES],
                                  float features[REC_VAD_FEATURES]) {
    measure(rec_whole_rows_wide, power, floor, features);
}

void rec_vad_features(const int16_t window[REC_VAD_WINDOW], float floor[REC_VAD_LANES],
                      float features[REC_VAD_FEATURES]) {
    float power[REC_SPECTRUM_BINS];
    rec_spectrum(window, power);
    if (rec_is_wide())
        measure_wide(power, floor, features);
    else
        measure(rec_whole_rows, power, floor, features);
}

static inline int is_quiet(const int16_t window[REC_VAD_WINDOW]) {
    int16_t most = 0, least = 0;
    uint32_t sum = 0;
    for (int n = 0; n < REC_VAD_WINDOW; n++) {
        most = window[n] > most ? window[n] : most;
        least = window[n] < least ? window[n] : least;
    }
    if (most > QUIET_MOST || least < -QUIET_MOST)
        return 0;
    for (int n = 0; n < REC_VAD_WINDOW; n++)
        sum += (uint32_t)(window[n] * window[n]);
    return sum <= QUIET_SUM;
}

REC_WIDE static int is_quiet_wide(const int16_t window[REC_VAD_WINDOW]) {
    return is_quiet(window);
}

int rec_vad_is_quiet(const int16_t window[REC_VAD_WINDOW]) {
    return (rec_is_wide() ? is_quiet_wide : is_quiet)(window);
}

void rec_vad_features_quiet(float floor[REC_VAD_LANES], float features[REC_VAD_FEATURES]) {
    float band[REC_VAD_LANES], above[REC_VAD_LANES];
    for (int b = 0; b < REC_VAD_LANES; b++)
        band[b] = QUIETEST;
    rise_above(band, floor, above);
    memcpy(features, band, BANDS * sizeof *features);
    memcpy(features + BANDS, above, BANDS * sizeof *features);
    /* As of white noise. */
    features[2 * BANDS] = -4.5f;
    features[2 * BANDS + 1] = -6.3f;
    features[2 * BANDS + 2] = 0.3f;
    features[2 * BANDS + 3] = REC_VAD_LAGS / 2;
}

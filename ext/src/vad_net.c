#include "vad_net.h"

#include "vad_weights.h"
#include "whole.h"

/* Whole numbers carry the sums, so that eight products are taken at once and every CPU gets the same: inputs are
 * Q13 within +-4, cells Q13 within +-1, weights Q10, so sums are Q23. Training sees to it that no sum
 * overflows (ext/vad/train/export.py). */
enum { CELLS = REC_VAD_CELLS, GATES = 3 * CELLS, MOST_AT_ONCE = 64 };

_Static_assert(CELLS % MOST_AT_ONCE == 0, "sums are taken so many at once");

static const float OF_SUM = 0x1p-23f;

/* Of one that is brought within TANH_MOST, and its square: tanh, off by less than 5e-5, and never beyond 1. */
#define TANH_OF(x, s)                                                                                                  \
    (x * (TANH_OVER[0] + s * (TANH_OVER[1] + s * TANH_OVER[2])) / (1.0f + s * (TANH_UNDER[0] + s * TANH_UNDER[1])))

static inline rec_lanes tanh_of(rec_lanes x) {
    x = rec_lanes_max(rec_lanes_min(x, rec_lanes_all(TANH_MOST)), rec_lanes_all(-TANH_MOST));
    rec_lanes s = x * x;
    return TANH_OF(x, s);
}

static inline rec_lanes sigmoid_of(rec_lanes x) {
    return 0.5f + 0.5f * tanh_of(0.5f * x);
}

/* Turn cells by what their gates heard, in the order: reset, update, new. */
static inline void turn(const float heard[GATES], const float kept[CELLS], float cell[CELLS]) {
    for (int k = 0; k < CELLS; k += 4) {
        rec_lanes reset = sigmoid_of(rec_lanes_load(heard + k));
        rec_lanes update = sigmoid_of(rec_lanes_load(heard + CELLS + k));
        rec_lanes fresh = tanh_of(rec_lanes_load(heard + 2 * CELLS + k) + reset * rec_lanes_load(kept + k));
        rec_lanes_store(cell + k, fresh + update * (rec_lanes_load(cell + k) - fresh));
    }
}

#ifdef __x86_64__
REC_WIDE static inline __m256 tanh_of_wide(__m256 x) {
    x = _mm256_max_ps(_mm256_min_ps(x, _mm256_set1_ps(TANH_MOST)), _mm256_set1_ps(-TANH_MOST));
    __m256 s = x * x;
    return TANH_OF(x, s);
}

REC_WIDE static inline __m256 sigmoid_of_wide(__m256 x) {
    return 0.5f + 0.5f * tanh_of_wide(0.5f * x);
}

REC_WIDE static inline void turn_wide(const float heard[GATES], const float kept[CELLS], float cell[CELLS]) {
    for (int k = 0; k < CELLS; k += 8) {
        __m256 reset = sigmoid_of_wide(_mm256_loadu_ps(heard + k));
        __m256 update = sigmoid_of_wide(_mm256_loadu_ps(heard + CELLS + k));
        __m256 fresh = tanh_of_wide(_mm256_loadu_ps(heard + 2 * CELLS + k) + reset * _mm256_loadu_ps(kept + k));
        _mm256_storeu_ps(cell + k, fresh + update * (_mm256_loadu_ps(cell + k) - fresh));
    }
}
#else
#define turn_wide turn
#endif

/* Features as whole numbers, each about its mean and within four deviations of it. */
static void bring_to_scale(const float features[REC_VAD_FEATURES], int16_t input[REC_VAD_FEATURES]) {
    rec_lanes value[2];
    for (int k = 0; k < REC_VAD_FEATURES; k += 8) {
        for (int i = 0; i < 2; i++)
            value[i] = rec_lanes_load(features + k + 4 * i) * rec_lanes_load(INPUT_GAIN + k + 4 * i) +
                       rec_lanes_load(INPUT_SHIFT + k + 4 * i);
        rec_whole_round(value[0], value[1], input + k);
    }
}

/* Rows' sums as they count, with their bias. */
static inline void take(const rec_whole *whole, int rows, const float *bias, float *sum) {
    const int32_t *each = (const int32_t *)whole;
    for (int i = 0; i < rows; i++)
        sum[i] = (float)each[i] * OF_SUM + bias[i];
}

/* What each gate hears; for reset and update, with what the cells hold, which is `kept` for new. */
static inline void weigh(rec_whole_rows_of *rows, int at_once, const int16_t input[REC_VAD_FEATURES], const int16_t cell[CELLS],
                         float heard[GATES], float kept[CELLS]) {
    rec_whole inputs[REC_VAD_FEATURES / 2], cells[CELLS / 2];
    rec_whole_spread(input, REC_VAD_FEATURES, inputs);
    rec_whole_spread(cell, CELLS, cells);
    for (int g = 0; g < 2 * CELLS; g += at_once) {
        rec_whole whole[MOST_AT_ONCE / 4] = {0};
        rows(INPUT_WEIGHT[g / 16], inputs, REC_VAD_FEATURES, at_once / 16, whole);
        rows(CELL_WEIGHT[g / 16], cells, CELLS, at_once / 16, whole);
        take(whole, at_once, INPUT_BIAS + g, heard + g);
    }
    for (int k = 0; k < CELLS; k += at_once) { /* of new */
        int row = 2 * CELLS + k;
        rec_whole fresh[MOST_AT_ONCE / 4] = {0}, held[MOST_AT_ONCE / 4] = {0};
        rows(INPUT_WEIGHT[row / 16], inputs, REC_VAD_FEATURES, at_once / 16, fresh);
        take(fresh, at_once, INPUT_BIAS + row, heard + row);
        rows(CELL_WEIGHT[row / 16], cells, CELLS, at_once / 16, held);
        take(held, at_once, CELL_BIAS + k, kept + k);
    }
}

static inline rec_vad_spoken spoken(const float cell[CELLS]) {
    rec_lanes now = {OUT_BIAS, 0, 0, 0}, earlier = {EARLIER_BIAS, 0, 0, 0};
    for (int k = 0; k < CELLS; k += 4) {
        rec_lanes held = rec_lanes_load(cell + k);
        now += rec_lanes_load(OUT_WEIGHT + k) * held;
        earlier += rec_lanes_load(EARLIER_WEIGHT + k) * held;
    }
    rec_lanes both = sigmoid_of((rec_lanes){rec_lanes_sum(now), rec_lanes_sum(earlier), 0, 0});
    return (rec_vad_spoken){both[0], both[1]};
}

/* `at_once` sums are held in registers. */
static inline void hear(rec_whole_rows_of *rows, int at_once, const float features[REC_VAD_FEATURES], const float cell[CELLS],
                        float heard[GATES], float kept[CELLS]) {
    int16_t input[REC_VAD_FEATURES], whole[CELLS];
    bring_to_scale(features, input);
    for (int k = 0; k < CELLS; k += 8)
        rec_whole_round(rec_lanes_load(cell + k) * 8192.0f, rec_lanes_load(cell + k + 4) * 8192.0f, whole + k);
    weigh(rows, at_once, input, whole, heard, kept);
}

REC_WIDE static rec_vad_spoken net_wide(const float features[REC_VAD_FEATURES], float cell[CELLS]) {
    float heard[GATES], kept[CELLS];
    hear(rec_whole_rows_wide, 64, features, cell, heard, kept);
    turn_wide(heard, kept, cell);
    return spoken(cell);
}

static rec_vad_spoken net(const float features[REC_VAD_FEATURES], float cell[CELLS]) {
    float heard[GATES], kept[CELLS];
    hear(rec_whole_rows, 32, features, cell, heard, kept);
    turn(heard, kept, cell);
    return spoken(cell);
}

rec_vad_spoken rec_vad_net(const float features[REC_VAD_FEATURES], float cell[CELLS]) {
    return (rec_is_wide() ? net_wide : net)(features, cell);
}

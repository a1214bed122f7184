#include "vad_net.h"

#include "lanes.h"
#include "whole.h"
#include "vad_weights.h"

/* Whole numbers carry the sums, so that eight products are taken at once and every CPU gets the same: inputs are
 * Q13 within +-4, cells Q13 within +-1, weights Q10, so sums are Q23. Training sees to it that no sum
 * overflows (ext/vad/train/export.py). */
enum { CELLS = REC_VAD_CELLS, GATES = 3 * CELLS, MOST = CELLS > REC_VAD_FEATURES ? CELLS : REC_VAD_FEATURES };

static const float OF_SUM = 0x1p-23f;

/* tanh, off by less than 5e-5, and never beyond 1. */
static inline rec_lanes tanh_of(rec_lanes x) {
    x = rec_lanes_max(rec_lanes_min(x, rec_lanes_all(TANH_MOST)), rec_lanes_all(-TANH_MOST));
    rec_lanes s = x * x;
    return x * (TANH_OVER[0] + s * (TANH_OVER[1] + s * TANH_OVER[2])) /
           (1.0f + s * (TANH_UNDER[0] + s * TANH_UNDER[1]));
}

static inline rec_lanes sigmoid_of(rec_lanes x) {
    return 0.5f + 0.5f * tanh_of(0.5f * x);
}

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

/* sum = weight x column + bias, for all gates. */
static inline void weigh(const int16_t *weight, const int16_t *column, int columns, const float bias[GATES],
                         float sum[GATES]) {
    rec_whole pair[MOST / 2];
    rec_whole_spread(column, columns, pair);
    for (int g = 0; g < GATES; g += 16) {
        rec_whole whole[4] = {0};
        rec_whole_rows(weight + g * columns, pair, columns, whole);
        for (int i = 0; i < 4; i++)
            rec_lanes_store(sum + g + 4 * i, __builtin_convertvector(whole[i], rec_lanes) * OF_SUM +
                                                 rec_lanes_load(bias + g + 4 * i));
    }
}

static float speaks(const float cell[CELLS]) {
    rec_lanes sum = {OUT_BIAS, 0, 0, 0};
    for (int k = 0; k < CELLS; k += 4)
        sum += rec_lanes_load(OUT_WEIGHT + k) * rec_lanes_load(cell + k);
    return sigmoid_of(rec_lanes_all(rec_lanes_sum(sum)))[0];
}

float rec_vad_net(const float features[REC_VAD_FEATURES], float cell[CELLS]) {
    int16_t input[REC_VAD_FEATURES], whole[CELLS];
    float heard[GATES], kept[GATES];
    bring_to_scale(features, input);
    for (int k = 0; k < CELLS; k += 8)
        rec_whole_round(rec_lanes_load(cell + k) * 8192.0f, rec_lanes_load(cell + k + 4) * 8192.0f, whole + k);
    weigh(INPUT_WEIGHT[0], input, REC_VAD_FEATURES, INPUT_BIAS, heard);
    weigh(CELL_WEIGHT[0], whole, CELLS, CELL_BIAS, kept);
    for (int k = 0; k < CELLS; k += 4) { /* gates in the order: reset, update, new */
        rec_lanes reset = sigmoid_of(rec_lanes_load(heard + k) + rec_lanes_load(kept + k));
        rec_lanes update = sigmoid_of(rec_lanes_load(heard + CELLS + k) + rec_lanes_load(kept + CELLS + k));
        rec_lanes fresh =
            tanh_of(rec_lanes_load(heard + 2 * CELLS + k) + reset * rec_lanes_load(kept + 2 * CELLS + k));
        rec_lanes_store(cell + k, fresh + update * (rec_lanes_load(cell + k) - fresh));
    }
    return speaks(cell);
}

#include "vad_net.h"

#include "lanes.h"
#include "whole.h"
#include "vad_weights.h"

/* Whole numbers carry the sums, so that eight products are taken at once and every CPU gets the same: inputs are
 * Q13 within +-4, cells Q13 within +-1, weights Q10, so sums are Q23. Training sees to it that no sum
 * overflows (ext/vad/train/export.py). */
enum { CELLS = REC_VAD_CELLS, GATES = 3 * CELLS };

_Static_assert(CELLS % 32 == 0, "sums are taken 32 at once");

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

/* The sums of 32 rows as they count, with their bias. */
static inline void take(const rec_whole whole[8], const float *bias, float *sum) {
    for (int i = 0; i < 8; i++)
        rec_lanes_store(sum + 4 * i, __builtin_convertvector(whole[i], rec_lanes) * OF_SUM +
                                         rec_lanes_load(bias + 4 * i));
}

typedef void rows_of(const int16_t *weight, const rec_whole *pair, int columns, int sixteens, rec_whole *sum);

/* What each gate hears; for reset and update, with what the cells hold, which is `kept` for new. */
static inline void weigh(rows_of *rows, const int16_t input[REC_VAD_FEATURES], const int16_t cell[CELLS],
                         float heard[GATES], float kept[CELLS]) {
    rec_whole inputs[REC_VAD_FEATURES / 2], cells[CELLS / 2];
    rec_whole_spread(input, REC_VAD_FEATURES, inputs);
    rec_whole_spread(cell, CELLS, cells);
    for (int g = 0; g < 2 * CELLS; g += 32) {
        rec_whole whole[8] = {0};
        rows(INPUT_WEIGHT[g / 16], inputs, REC_VAD_FEATURES, 2, whole);
        rows(CELL_WEIGHT[g / 16], cells, CELLS, 2, whole);
        take(whole, INPUT_BIAS + g, heard + g);
    }
    for (int k = 0; k < CELLS; k += 32) { /* of new */
        rec_whole fresh[8] = {0}, held[8] = {0};
        rows(INPUT_WEIGHT[(2 * CELLS + k) / 16], inputs, REC_VAD_FEATURES, 2, fresh);
        take(fresh, INPUT_BIAS + 2 * CELLS + k, heard + 2 * CELLS + k);
        rows(CELL_WEIGHT[(2 * CELLS + k) / 16], cells, CELLS, 2, held);
        take(held, CELL_BIAS + k, kept + k);
    }
}

static rec_vad_spoken spoken(const float cell[CELLS]) {
    rec_lanes now = {OUT_BIAS, 0, 0, 0}, earlier = {EARLIER_BIAS, 0, 0, 0};
    for (int k = 0; k < CELLS; k += 4) {
        rec_lanes held = rec_lanes_load(cell + k);
        now += rec_lanes_load(OUT_WEIGHT + k) * held;
        earlier += rec_lanes_load(EARLIER_WEIGHT + k) * held;
    }
    rec_lanes both = sigmoid_of((rec_lanes){rec_lanes_sum(now), rec_lanes_sum(earlier), 0, 0});
    return (rec_vad_spoken){both[0], both[1]};
}

rec_vad_spoken rec_vad_net(const float features[REC_VAD_FEATURES], float cell[CELLS]) {
    int16_t input[REC_VAD_FEATURES], whole[CELLS];
    float heard[GATES], kept[CELLS];
    bring_to_scale(features, input);
    for (int k = 0; k < CELLS; k += 8)
        rec_whole_round(rec_lanes_load(cell + k) * 8192.0f, rec_lanes_load(cell + k + 4) * 8192.0f, whole + k);
    if (rec_is_wide())
        weigh(rec_whole_rows_wide, input, whole, heard, kept);
    else
        weigh(rec_whole_rows, input, whole, heard, kept);
    for (int k = 0; k < CELLS; k += 4) { /* gates in the order: reset, update, new */
        rec_lanes reset = sigmoid_of(rec_lanes_load(heard + k));
        rec_lanes update = sigmoid_of(rec_lanes_load(heard + CELLS + k));
        rec_lanes fresh = tanh_of(rec_lanes_load(heard + 2 * CELLS + k) + reset * rec_lanes_load(kept + k));
        rec_lanes_store(cell + k, fresh + update * (rec_lanes_load(cell + k) - fresh));
    }
    return spoken(cell);
}

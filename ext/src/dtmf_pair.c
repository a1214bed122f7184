#include "dtmf_pair.h"

#include "dtmf_tables.h"
#include "lanes.h"
#include "phasor.h"

enum {
    WINDOW = 11, /* steps of the window in which tones are sought: 27.5 ms */
    HALF = 8,    /* steps of its two parts whose phases are compared */
    LAG = 3,     /* steps between the parts: frequencies are unambiguous to 66 Hz either side */
};

static const float TONE_LEAST = 96.3f * 96.3f; /* amplitude squared: -47.5 dBm0, full scale being 32768 */
static const float TWIST_MOST = 3.981f;        /* +6 dB, as REC_DTMF_TWIST_LEAST */
static const float DEVIATION_MOST = 0.025f;    /* of the nominal frequency */
static const float SEEN_LEAST = 0.30f;         /* share of the window's energy, before the frequencies are known */
static const float SHARE_LEAST = 0.5f;         /* and with them */

/* Energy of a tone in the tapered window, from its tapered correlation squared. */
#define ENERGY_OF (TAPER_SQUARED_SUM / (TAPER_SUM * TAPER_SUM * REC_DTMF_STEP / 2))

static uint32_t slot(int64_t step) {
    return (uint32_t)step % REC_DTMF_STEPS;
}

/* The eight tones' correlations over the tapered window, squared; returns the window's energy. */
static float seek(const rec_dtmf_history *h, int64_t newest, float squared[8]) {
    rec_lanes re[2] = {{0}}, im[2] = {{0}};
    float energy = 0;
    for (int m = 0; m < WINDOW; m++) {
        uint32_t at = slot(newest - (WINDOW - 1) + m);
        for (int group = 0; group < 2; group++) {
            rec_lanes a = rec_lanes_load(h->re[at] + 4 * group), b = rec_lanes_load(h->im[at] + 4 * group);
            rec_lanes c = TAPERED_RE[m][group], d = TAPERED_IM[m][group];
            re[group] += a * c - b * d;
            im[group] += a * d + b * c;
        }
        energy += h->energy[at] * TAPER_SQUARED[m];
    }
    for (int group = 0; group < 2; group++)
        rec_lanes_store(squared + 4 * group, re[group] * re[group] + im[group] * im[group]);
    return energy;
}

static int strongest(const float squared[8], int from) {
    int best = from;
    for (int k = from + 1; k < from + 4; k++)
        best = squared[k] > squared[best] ? k : best;
    return best;
}

/* Measure tone `k` in the window: fills the pair's side. Returns its power (amplitude squared) behind the high-pass,
 * or 0: its frequency is not that of a digit. */
static float measure(const rec_dtmf_history *h, int64_t newest, int k, rec_dtmf_pair *pair) {
    rec_phasor aligned[WINDOW], older = {0, 0}, newer = {0, 0}, sum = {0, 0};
    for (int m = 0; m < WINDOW; m++) {
        uint32_t at = slot(newest - (WINDOW - 1) + m);
        aligned[m] = rec_times((rec_phasor){h->re[at][k], h->im[at][k]}, (rec_phasor){TURN_RE[m][k], TURN_IM[m][k]});
    }
    for (int m = 0; m < HALF; m++) {
        older.re += TAPER_HALF[m] * aligned[m].re;
        older.im += TAPER_HALF[m] * aligned[m].im;
        newer.re += TAPER_HALF[m] * aligned[m + LAG].re;
        newer.im += TAPER_HALF[m] * aligned[m + LAG].im;
    }
    float off = rec_angle(rec_times(newer, rec_conjugate(older))) * (1.0f / LAG); /* radians a step off nominal */
    float most = DEVIATION_MOST * OMEGA[k] * REC_DTMF_STEP;
    if (off > most || off < -most)
        return 0.0f;
    rec_phasor drift = rec_unit(off), turn = rec_conjugate(drift), fine = {1, 0};
    for (int i = 0; i < WINDOW / 2; i++)
        fine = rec_times(fine, drift);
    rec_phasor to_newest = fine;
    for (int m = 0; m < WINDOW; m++, fine = rec_times(fine, turn)) {
        rec_phasor step = rec_times(aligned[m], fine);
        sum.re += TAPER[m] * step.re;
        sum.im += TAPER[m] * step.im;
    }
    int side = k >> 2;
    rec_phasor middle = {sum.re * (2.0f / (REC_DTMF_STEP * TAPER_SUM)), sum.im * (2.0f / (REC_DTMF_STEP * TAPER_SUM))};
    rec_phasor nominal = {TURN_RE[WINDOW - 1][k], -TURN_IM[WINDOW - 1][k]};
    rec_phasor here = rec_times(middle, rec_times(nominal, to_newest));
    rec_phasor step = rec_times((rec_phasor){STEP_RE[k], STEP_IM[k]}, drift);
    pair->tone[side] = (uint8_t)k;
    pair->re[side] = here.re;
    pair->im[side] = here.im;
    pair->turn_re[side] = step.re;
    pair->turn_im[side] = step.im;
    return rec_power(middle);
}

int rec_dtmf_pair_find(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair) {
    float squared[8];
    float energy = seek(h, newest, squared);
    int low = strongest(squared, 0), high = strongest(squared, 4);
    if ((squared[low] + squared[high]) * ENERGY_OF < SEEN_LEAST * energy || energy == 0.0f)
        return -1;
    float low_power = measure(h, newest, low, pair);
    float high_power = low_power > 0.0f ? measure(h, newest, high, pair) : 0.0f;
    if (high_power <= 0.0f)
        return 0;
    if ((low_power + high_power) * (REC_DTMF_STEP / 2.0f * TAPER_SQUARED_SUM) < SHARE_LEAST * energy)
        return 0;
    float twist = rec_dtmf_pair_twist(pair);
    return low_power * RESTORE[low] >= TONE_LEAST && high_power * RESTORE[high] >= TONE_LEAST &&
           twist >= REC_DTMF_TWIST_LEAST && twist <= TWIST_MOST;
}

float rec_dtmf_pair_twist(const rec_dtmf_pair *pair) {
    float low = rec_power((rec_phasor){pair->re[0], pair->im[0]}) * RESTORE[pair->tone[0]];
    return rec_power((rec_phasor){pair->re[1], pair->im[1]}) * RESTORE[pair->tone[1]] / low;
}

static void turn(rec_dtmf_pair *pair, float direction) {
    for (int side = 0; side < 2; side++) {
        rec_phasor by = {pair->turn_re[side], direction * pair->turn_im[side]};
        rec_phasor to = rec_times((rec_phasor){pair->re[side], pair->im[side]}, by);
        pair->re[side] = to.re;
        pair->im[side] = to.im;
    }
}

void rec_dtmf_pair_forth(rec_dtmf_pair *pair) {
    turn(pair, 1.0f);
}

void rec_dtmf_pair_back(rec_dtmf_pair *pair) {
    turn(pair, -1.0f);
}

rec_dtmf_match rec_dtmf_pair_match(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair) {
    uint32_t at = slot(step);
    int low = pair->tone[0], high = pair->tone[1];
    float a = pair->re[0], b = pair->im[0], c = pair->re[1], d = pair->im[1];
    /* The square of a sum of cosines: each tone's mean, and what a step that holds no whole number of beats adds. */
    float own = REC_DTMF_STEP / 2.0f * (a * a + b * b + c * c + d * d) +
                0.5f * ((a * a - b * b) * OWN[low] + (c * c - d * d) * OWN[high]) +
                (a * c + b * d) * BEAT[low][high - 4] + (a * c - b * d) * SUM[low][high - 4];
    float product =
        a * h->re[at][low] + b * h->im[at][low] + c * h->re[at][high] + d * h->im[at][high];
    return (rec_dtmf_match){product, own};
}

rec_phasor rec_dtmf_pair_tone(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair, int side) {
    uint32_t at = slot(step);
    int k = pair->tone[side], low = pair->tone[0], high = pair->tone[1];
    rec_phasor own = {pair->re[side], pair->im[side]}, other = {pair->re[!side], pair->im[!side]};
    float beat = BEAT[low][high - 4], sum = SUM[low][high - 4];
    /* A correlator hears the other tone (difference and sum of the frequencies) and its own mirror image. */
    rec_phasor heard = {h->re[at][k] - 0.5f * (other.re * (beat + sum) + own.re * OWN[k]),
                        h->im[at][k] - 0.5f * (other.im * (beat - sum) - own.im * OWN[k])};
    float scale = 1.0f / (REC_DTMF_STEP / 2.0f * rec_power(own));
    rec_phasor tone = rec_times(heard, rec_conjugate(own));
    return (rec_phasor){tone.re * scale, tone.im * scale};
}

float rec_dtmf_pair_off(const rec_dtmf_pair *pair, int side) {
    int k = pair->tone[side];
    rec_phasor nominal = {STEP_RE[k], -STEP_IM[k]};
    return rec_angle(rec_times((rec_phasor){pair->turn_re[side], pair->turn_im[side]}, nominal));
}

#include "dtmf_pair.h"

#include "dtmf_tables.h"
#include "lanes.h"
#include "phasor.h"

enum {
    WINDOW = 11, /* steps of the window in which tones are sought: 27.5 ms */
    FOURS = 3,   /* fours of steps that it takes */
    LAG = 3,     /* steps between its two parts whose phases are compared: unambiguous to 66 Hz either side */
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
    rec_eight re = {0}, im = {0};
    float energy = 0;
    int at = (int)slot(newest - (WINDOW - 1));
    for (int m = 0, end; m < WINDOW; at = 0) {
        end = m + REC_DTMF_STEPS - at < WINDOW ? m + REC_DTMF_STEPS - at : WINDOW; /* or where the history wraps */
        for (; m < end; m++, at++) {
            rec_eight a, b, c, d;
            memcpy(&a, h->re[at], sizeof a);
            memcpy(&b, h->im[at], sizeof b);
            memcpy(&c, TAPERED_RE[m], sizeof c);
            memcpy(&d, TAPERED_IM[m], sizeof d);
            re += a * c - b * d;
            im += a * d + b * c;
            energy += h->energy[at] * TAPER_SQUARED[m];
        }
    }
    re = re * re + im * im;
    memcpy(squared, &re, sizeof re);
    return energy;
}

/* What tone `k` gave in four steps, of which the second is `stride` steps behind the first. */
static void gather(const rec_dtmf_history *h, int64_t first, int stride, int k, rec_lanes *re, rec_lanes *im) {
    uint32_t a = slot(first), b = slot(first + stride), c = slot(first + 2 * stride), d = slot(first + 3 * stride);
    *re = (rec_lanes){h->re[a][k], h->re[b][k], h->re[c][k], h->re[d][k]};
    *im = (rec_lanes){h->im[a][k], h->im[b][k], h->im[c][k], h->im[d][k]};
}

/* Phasors by steps: sums of theirs, each times a weight. */
static rec_phasor weighted(const rec_lanes re[FOURS], const rec_lanes im[FOURS], const float *weights) {
    rec_lanes sum_re = re[0] * rec_lanes_load(weights), sum_im = im[0] * rec_lanes_load(weights);
    for (int four = 1; four < FOURS; four++) {
        rec_lanes weight = rec_lanes_load(weights + 4 * four);
        sum_re += re[four] * weight;
        sum_im += im[four] * weight;
    }
    return (rec_phasor){rec_lanes_sum(sum_re), rec_lanes_sum(sum_im)};
}

/* Tone `k` over the window, turned to its middle; the lane behind the window counts for nothing. */
static void align(const rec_dtmf_history *h, int64_t newest, int k, rec_lanes re[FOURS], rec_lanes im[FOURS]) {
    for (int four = 0; four < FOURS; four++) {
        rec_lanes a, b, c = rec_lanes_load(TURN_RE[k] + 4 * four), d = rec_lanes_load(TURN_IM[k] + 4 * four);
        gather(h, newest - (WINDOW - 1) + 4 * four, 1, k, &a, &b);
        re[four] = a * c - b * d;
        im[four] = a * d + b * c;
    }
}

/* Take the drift from step to step off; returns all of it from the window's middle to its newest step. */
static rec_phasor straighten(rec_lanes re[FOURS], rec_lanes im[FOURS], rec_phasor drift) {
    rec_phasor two = rec_times(drift, drift), three = rec_times(two, drift), four = rec_times(two, two);
    rec_phasor five = rec_times(four, drift);
    rec_lanes c = {five.re, four.re, three.re, two.re}, d = {five.im, four.im, three.im, two.im};
    for (int i = 0; i < FOURS; i++) {
        rec_lanes a = re[i], b = im[i], e = c;
        re[i] = a * c - b * d;
        im[i] = a * d + b * c;
        c = e * four.re + d * four.im;
        d = d * four.re - e * four.im;
    }
    return five;
}

/* One tone over the window: turned to its middle, and how far its frequency is off nominal, in radians a step. */
typedef struct {
    rec_lanes re[FOURS], im[FOURS];
    float off;
} track;

/* Track tone `k` over the window. Returns 1, or 0: its frequency is not that of a digit. */
static int track_tone(const rec_dtmf_history *h, int64_t newest, int k, track *tone) {
    align(h, newest, k, tone->re, tone->im);
    rec_phasor older = weighted(tone->re, tone->im, TAPER_OLDER), newer = weighted(tone->re, tone->im, TAPER_NEWER);
    tone->off = rec_angle(rec_times(newer, rec_conjugate(older))) * (1.0f / LAG);
    return __builtin_fabsf(tone->off) <= DEVIATION_MOST * OMEGA[k] * REC_DTMF_STEP;
}

/* Fill the pair's side with tone `k`. Returns its power (amplitude squared) behind the high-pass. */
static float measure(track *tone, int k, rec_dtmf_pair *pair) {
    rec_phasor drift = rec_unit(tone->off), to_newest = straighten(tone->re, tone->im, drift);
    rec_phasor sum = weighted(tone->re, tone->im, TAPER);
    int side = k >> 2;
    rec_phasor middle = {sum.re * (2.0f / (REC_DTMF_STEP * TAPER_SUM)), sum.im * (2.0f / (REC_DTMF_STEP * TAPER_SUM))};
    rec_phasor nominal = {TURN_RE[k][WINDOW - 1], -TURN_IM[k][WINDOW - 1]};
    rec_phasor here = rec_times(middle, rec_times(nominal, to_newest));
    rec_phasor step = rec_times((rec_phasor){STEP_RE[k], STEP_IM[k]}, drift);
    pair->tone[side] = (uint8_t)k;
    pair->re[side] = here.re;
    pair->im[side] = here.im;
    pair->turn_re[side] = step.re;
    pair->turn_im[side] = step.im;
    return rec_power(middle);
}

static int find(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair) {
    float squared[8];
    float energy = seek(h, newest, squared);
    int low = rec_lanes_greatest(rec_lanes_load(squared)), high = 4 + rec_lanes_greatest(rec_lanes_load(squared + 4));
    if ((squared[low] + squared[high]) * ENERGY_OF < SEEN_LEAST * energy || energy == 0.0f)
        return -1;
    track tones[2];
    if (!track_tone(h, newest, low, &tones[0]) || !track_tone(h, newest, high, &tones[1]))
        return 0;
    float low_power = measure(&tones[0], low, pair), high_power = measure(&tones[1], high, pair);
    if ((low_power + high_power) * (REC_DTMF_STEP / 2.0f * TAPER_SQUARED_SUM) < SHARE_LEAST * energy)
        return 0;
    float twist = rec_dtmf_pair_twist(pair);
    return low_power * RESTORE[low] >= TONE_LEAST && high_power * RESTORE[high] >= TONE_LEAST &&
           twist >= REC_DTMF_TWIST_LEAST && twist <= TWIST_MOST;
}

REC_WIDE static int find_wide(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair) {
    return find(h, newest, pair);
}

int rec_dtmf_pair_find(const rec_dtmf_history *h, int64_t newest, rec_dtmf_pair *pair) {
    return (rec_is_wide() ? find_wide : find)(h, newest, pair);
}

float rec_dtmf_pair_likeness(const rec_dtmf_history *h, int64_t newest, const rec_dtmf_pair *pair) {
    float power = rec_power((rec_phasor){pair->re[0], pair->im[0]}) + rec_power((rec_phasor){pair->re[1], pair->im[1]});
    float energy = 0;
    for (int m = 0; m < WINDOW; m++)
        energy += h->energy[slot(newest - (WINDOW - 1) + m)] * TAPER_SQUARED[m];
    return power * (REC_DTMF_STEP / 2.0f * TAPER_SQUARED_SUM) / energy;
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

rec_dtmf_four rec_dtmf_pair_lay(rec_dtmf_pair pair) {
    rec_dtmf_four four;
    for (int side = 0; side < 2; side++) {
        rec_phasor two = {pair.turn_re[side], -pair.turn_im[side]};
        two = rec_times(two, two);
        four.back[side] = rec_times(two, two);
    }
    rec_dtmf_pair one = pair;
    turn(&one, -1.0f);
    rec_dtmf_pair two = one;
    turn(&two, -1.0f);
    rec_dtmf_pair three = two;
    turn(&three, -1.0f);
    for (int side = 0; side < 2; side++) {
        four.re[side] = (rec_lanes){pair.re[side], one.re[side], two.re[side], three.re[side]};
        four.im[side] = (rec_lanes){pair.im[side], one.im[side], two.im[side], three.im[side]};
    }
    return four;
}

void rec_dtmf_four_back(rec_dtmf_four *four) {
    for (int side = 0; side < 2; side++) {
        rec_lanes re = four->re[side], im = four->im[side];
        four->re[side] = re * four->back[side].re - im * four->back[side].im;
        four->im[side] = re * four->back[side].im + im * four->back[side].re;
    }
}

rec_dtmf_match rec_dtmf_four_match(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair,
                                   const rec_dtmf_four *four) {
    int low = pair->tone[0], high = pair->tone[1];
    rec_lanes a = four->re[0], b = four->im[0], c = four->re[1], d = four->im[1], re[2], im[2];
    gather(h, step, -1, low, re, im);
    gather(h, step, -1, high, re + 1, im + 1);
    /* The square of a sum of cosines: each tone's mean, and what a step that holds no whole number of beats adds. */
    rec_lanes own = REC_DTMF_STEP / 2.0f * (a * a + b * b + c * c + d * d) +
                    0.5f * ((a * a - b * b) * OWN[low] + (c * c - d * d) * OWN[high]) +
                    (a * c + b * d) * BEAT[low][high - 4] + (a * c - b * d) * SUM[low][high - 4];
    rec_lanes product = a * re[0] + b * im[0] + c * re[1] + d * im[1];
    rec_lanes share = product / rec_lanes_max(own, rec_lanes_all(1e-9f));
    share = rec_lanes_min(rec_lanes_max(share, rec_lanes_all(0.0f)), rec_lanes_all(1.0f));
    return (rec_dtmf_match){product, own, share};
}

float rec_dtmf_pair_share(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair) {
    rec_dtmf_four four = {.re = {rec_lanes_all(pair->re[0]), rec_lanes_all(pair->re[1])},
                          .im = {rec_lanes_all(pair->im[0]), rec_lanes_all(pair->im[1])}};
    return rec_dtmf_four_match(h, step, pair, &four).share[0];
}

void rec_dtmf_four_tone(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair, const rec_dtmf_four *four,
                        int side, rec_lanes *re, rec_lanes *im) {
    int k = pair->tone[side], low = pair->tone[0], high = pair->tone[1];
    float beat = BEAT[low][high - 4], sum = SUM[low][high - 4];
    rec_lanes heard_re, heard_im, a = four->re[side], b = four->im[side];
    gather(h, step, -1, k, &heard_re, &heard_im);
    /* A correlator hears the other tone (difference and sum of the frequencies) and its own mirror image. */
    heard_re -= 0.5f * (four->re[!side] * (beat + sum) + a * OWN[k]);
    heard_im -= 0.5f * (four->im[!side] * (beat - sum) - b * OWN[k]);
    float scale = 1.0f / (REC_DTMF_STEP / 2.0f * rec_power((rec_phasor){pair->re[side], pair->im[side]}));
    *re = (heard_re * a + heard_im * b) * scale;
    *im = (heard_im * a - heard_re * b) * scale;
}

float rec_dtmf_pair_off(const rec_dtmf_pair *pair, int side) {
    int k = pair->tone[side];
    rec_phasor nominal = {STEP_RE[k], -STEP_IM[k]};
    return rec_angle(rec_times((rec_phasor){pair->turn_re[side], pair->turn_im[side]}, nominal));
}

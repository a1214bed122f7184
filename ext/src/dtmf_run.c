#include "dtmf_run.h"

#include "dtmf_pair.h"
#include "dtmf_tables.h"
#include "dtmf_weights.h"
#include "log2.h"

enum {
    STEP = REC_DTMF_STEP,
    SPAN = 30,       /* steps that a run is looked for in: 75 ms */
    HOLE_MOST = 9,   /* absent steps that it bridges: a lost packet of 20 ms */
    TRAIL_MOST = 1,  /* absent steps at its newer end: with more, the window would hold the tone's end */
    PIECE_LEAST = 3, /* present steps between two holes */
    PIECE_MOST = 20, /* in a row: enough to decide by */
    FRONT = 4,       /* steps in front of a run, behind the one in which it begins: was there silence? */
};

/* Speech strikes a pair of tones for 28 ms now and then, but seldom cleanly, seldom for long, seldom out of silence,
 * seldom at the tones' own frequencies and seldom without its lower partials. What speaks for a digit is weighed
 * against what speaks for a voice, and the digit stands if BIAS and these are above 0 together (dtmf_weights.h, fitted by
 * ext/dtmf/fit). Logarithms are to base 2:
 *
 *     BELOW      of the run's energy to what the high-pass left of it
 *     UNLIKE     of what the pair leaves of the window's energy
 *     BEFORE     of the power in front of the run to that within it
 *     UNSTEADY   of 1 - steadiness of the low and the high tone
 *     SWELL      of what both tones' amplitudes gain, or lose, from the older half to the newer
 *     LENGTH     for each sample, up to 400
 *     TWIST      of the high tone's power to the low one's, below 1, above 1
 *     DEVIATION  of the low and the high tone from nominal, as a share of it: its square, no logarithm */

static const float BEFORE_LEAST = 0x1p-8f, UNLIKE_LEAST = 0x1p-6f;
static const float POWER_LEAST = 0x1p-20f; /* of the pair's own */
static const float UNSTEADY_LEAST = 0x1p-6f, STEADIEST = -6.0f; /* and its logarithm */

static const float COHERENCE_LEAST = 0.68f; /* three tones have 0.67 */
/* GSM bends a digit's phase and its levels, so that no one pair is all of it: half will do where it is all of the
 * window, and comes out of something weaker, as music's tones don't. */
static const float COHERENCE_BENT = 0.5f;
static const float LIKENESS_BENT = 0.85f;
static const float BEFORE_BENT = 0.25f;
static const float COHERENCE_CLEAN = 0.97f; /* so clean, it may have anything below: an offset, hum, a dial tone */
static const float COHERENCE_FAIR = 0.95f;  /* so clean, it may have a dial tone below, 9 dB of it */
static const float DIAL_TONE = 8.0f;
static const float PASSED = 0.332f;         /* of the pair's own energy: in front of the high-pass to behind it */

/* Each tone alone: low, high. The R1 pair 700+1300, 1 % above itself, is 1.72 % below 1336; 1500 of 700+1500 is 1.56 %
 * above 1477. */
static const float DEVIATION_MOST[2] = {0.0175f, 0.0165f}, ABOVE_1477_MOST = 0.01545f;
enum { TONE_1477 = 6 };

/* What is summed up over the steps of a run, or of a part of it. */
typedef struct {
    float samples, first, product, own, energy;
    uint32_t present;
} stretch;

/* Take in one present step, `back` steps before the newest; `newer` is the share of the next newer step, if absent. */
static void add_present(stretch *piece, int back, float newer, const rec_dtmf_match *match) {
    int i = back % 4;
    float share = match->share[i];
    piece->samples += STEP * (share + (piece->present == 0 ? newer : 0.0f));
    piece->first = STEP * ((float)back + share);
    piece->product += match->product[i];
    piece->own += match->own[i];
    piece->present |= 1u << back;
}

/* The piece is over: it joins the newer part of the run, or what is shorter is forgotten but for its energy. */
static int join(stretch *whole, stretch *piece, int present) {
    if (present < PIECE_LEAST)
        return 0;
    whole->samples += piece->samples;
    whole->first = piece->first;
    whole->product += piece->product;
    whole->own += piece->own;
    whole->energy += piece->energy;
    whole->present |= piece->present;
    *piece = (stretch){0};
    return 1;
}

int rec_dtmf_run_find(const rec_dtmf_history *h, int64_t steps, int64_t floor, rec_dtmf_pair pair, rec_dtmf_run *run) {
    stretch whole = {0}, piece = {0};
    int present = 0, absent = 0, absent_most = TRAIL_MOST;
    float newer = 0.0f;
    rec_dtmf_four four = rec_dtmf_pair_lay(pair);
    rec_dtmf_match match;
    for (int back = 0; back < SPAN && absent <= absent_most; back++) {
        int64_t step = steps - 1 - back;
        if (back % 4 == 0) {
            match = rec_dtmf_four_match(h, step, &pair, &four);
            rec_dtmf_four_back(&four);
        }
        float share = match.share[back % 4];
        piece.energy += h->energy[(uint32_t)step % REC_DTMF_STEPS];
        if (share >= REC_DTMF_PRESENT) {
            add_present(&piece, back, newer, &match);
            present++;
            absent = 0;
        } else {
            piece.samples += present > 0 ? STEP * share : 0.0f;
            piece.first += present > 0 ? STEP * share : 0.0f;
            if (join(&whole, &piece, present))
                absent_most = HOLE_MOST;
            present = 0;
            absent++;
            newer = share;
        }
        if (step * STEP <= floor || present >= PIECE_MOST)
            break;
    }
    join(&whole, &piece, present);
    if (whole.samples == 0.0f)
        return 0;
    float coherence = whole.product * whole.product / (whole.own * whole.energy);
    uint32_t inside = whole.present & whole.present << 1 & whole.present >> 1;
    *run = (rec_dtmf_run){whole.samples, whole.first, coherence, inside};
    return 1;
}

/* Each tone over the run's inner steps: how far its frequency is off nominal, as a share of it; how steady its
 * amplitude and phase are in either half, 1 being a tone and nothing else; and its power in the newer half to that in
 * the older one. */
typedef struct {
    float deviation[2], steadiness[2], growth[2];
} purity;

/* The tones' phasors summed up over one half of a run, and where it lies. */
typedef struct {
    rec_lanes re[2], im[2], back, count;
} half;

static float at_least(float least, float x) {
    return x > least ? x : least;
}

static int count_of(uint32_t bits) {
    int count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

/* The older half of the steps. */
static uint32_t older_of(uint32_t inside) {
    for (int newer = (count_of(inside) + 1) / 2; newer > 0; newer--)
        inside &= inside - 1;
    return inside;
}

/* 1 for each of the four steps from `back` on that is among these, else 0. */
static rec_lanes among(uint32_t steps, int back) {
    static const rec_lanes FOUR[16] = {
        {0, 0, 0, 0}, {1, 0, 0, 0}, {0, 1, 0, 0}, {1, 1, 0, 0}, {0, 0, 1, 0}, {1, 0, 1, 0}, {0, 1, 1, 0}, {1, 1, 1, 0},
        {0, 0, 0, 1}, {1, 0, 0, 1}, {0, 1, 0, 1}, {1, 1, 0, 1}, {0, 0, 1, 1}, {1, 0, 1, 1}, {0, 1, 1, 1}, {1, 1, 1, 1},
    };
    return FOUR[steps >> back & 15];
}

static void add_four(half *sum, rec_lanes is, int back, const rec_lanes re[2], const rec_lanes im[2]) {
    for (int side = 0; side < 2; side++) {
        sum->re[side] += re[side] * is;
        sum->im[side] += im[side] * is;
    }
    sum->back += is * ((float)back + (rec_lanes){0, 1, 2, 3});
    sum->count += is;
}

static purity purity_of(const rec_dtmf_history *h, int64_t steps, const rec_dtmf_pair *pair, uint32_t inside) {
    uint32_t old = older_of(inside);
    half newer = {0}, older = {0};
    rec_lanes energy[2] = {{0}};
    rec_dtmf_four four = rec_dtmf_pair_lay(*pair);
    for (int back = 0; back < SPAN && inside >> back != 0; back += 4, rec_dtmf_four_back(&four)) {
        rec_lanes re[2], im[2], is = among(inside, back), is_old = among(old, back);
        for (int side = 0; side < 2; side++) {
            rec_dtmf_four_tone(h, steps - 1 - back, pair, &four, side, &re[side], &im[side]);
            energy[side] += is * (re[side] * re[side] + im[side] * im[side]);
        }
        add_four(&newer, is - is_old, back, re, im);
        add_four(&older, is_old, back, re, im);
    }
    purity found = {.deviation = {1.0f, 1.0f}};
    float old_count = rec_lanes_sum(older.count), new_count = rec_lanes_sum(newer.count);
    if (old_count == 0.0f)
        return found;
    float apart = rec_lanes_sum(older.back) / old_count - rec_lanes_sum(newer.back) / new_count;
    for (int side = 0; side < 2; side++) {
        rec_phasor now = {rec_lanes_sum(newer.re[side]), rec_lanes_sum(newer.im[side])};
        rec_phasor then = {rec_lanes_sum(older.re[side]), rec_lanes_sum(older.im[side])};
        float all = rec_lanes_sum(energy[side]);
        float new_power = rec_power(now) / new_count, old_power = rec_power(then) / old_count;
        float off = rec_dtmf_pair_off(pair, side) + rec_angle(rec_times(now, rec_conjugate(then))) / apart;
        found.deviation[side] = off / (OMEGA[pair->tone[side]] * STEP);
        found.steadiness[side] = all > 0.0f ? (new_power + old_power) / all : 0.0f;
        found.growth[side] = new_power * old_count / at_least(POWER_LEAST, old_power * new_count);
    }
    return found;
}

/* The run's energy to what the high-pass left of it, 1 being a pair and nothing below. */
static float below_of(const rec_dtmf_history *h, int64_t steps, uint32_t inside) {
    float whole = 0, energy = 0;
    for (int back = 0; inside >> back != 0; back++) {
        uint32_t at = (uint32_t)(steps - 1 - back) % REC_DTMF_STEPS;
        whole += inside >> back & 1 ? h->whole[at] : 0.0f;
        energy += inside >> back & 1 ? h->energy[at] : 0.0f;
    }
    return whole > PASSED * energy && energy > 0.0f ? whole / (PASSED * energy) : 1.0f;
}

static float mean_energy(const rec_dtmf_history *h, int64_t steps, int back, int end) {
    float energy = 0;
    for (int i = back; i < end; i++)
        energy += h->energy[(uint32_t)(steps - 1 - i) % REC_DTMF_STEPS];
    return energy / (float)(end - back);
}

/* The power in front of the run to that within it; 1 where the history doesn't reach so far. */
static float before_of(const rec_dtmf_history *h, int64_t steps, const rec_dtmf_run *run) {
    int edge = ((int)run->first + STEP - 1) / STEP, end = edge + 1 + FRONT;
    end = end < REC_DTMF_STEPS ? end : REC_DTMF_STEPS;
    if (edge + 1 >= end)
        return 1.0f;
    return mean_energy(h, steps, edge + 1, end) / mean_energy(h, steps, 0, edge);
}

static int is_near(int tone, float off) {
    float most = DEVIATION_MOST[tone >= 4];
    return off > -most && off < (tone == TONE_1477 ? ABOVE_1477_MOST : most);
}

/* As much as both say: a voice swells and dies away as a whole, and what lies upon a digit bends either tone by itself. */
static float common(float a, float b) {
    float least = a * a < b * b ? a : b;
    return a * b <= 0.0f ? 0.0f : least < 0.0f ? -least : least;
}

/* What all but the tones' purity says. */
static float outline(const rec_dtmf_history *h, int64_t steps, const rec_dtmf_pair *pair, const rec_dtmf_run *run,
                     float likeness) {
    float below = run->coherence < COHERENCE_CLEAN ? below_of(h, steps, run->inside) : 1.0f;
    below = run->coherence < COHERENCE_FAIR ? below : at_least(1.0f, below / DIAL_TONE);
    float before = before_of(h, steps, run), unlike = 1.0f - likeness;
    before = before < 1.0f ? at_least(BEFORE_LEAST, before) : 1.0f;
    rec_lanes said = rec_log2_lanes(
        (rec_lanes){below, at_least(UNLIKE_LEAST, unlike), before, rec_dtmf_pair_twist(pair)});
    return BIAS + LENGTH * (run->samples < 400.0f ? run->samples : 400.0f) + BELOW * said[0] + UNLIKE * said[1] +
           BEFORE * said[2] + TWIST[said[3] > 0.0f] * said[3];
}

int rec_dtmf_run_is_digit(const rec_dtmf_history *h, int64_t steps, rec_dtmf_pair pair, const rec_dtmf_run *run) {
    if (run->coherence < COHERENCE_BENT || run->samples < REC_DTMF_RUN_LEAST)
        return 0;
    float likeness = rec_dtmf_pair_likeness(h, steps - 1, &pair);
    if (run->coherence < COHERENCE_LEAST && (likeness < LIKENESS_BENT || before_of(h, steps, run) > BEFORE_BENT))
        return 0;
    float sum = outline(h, steps, &pair, run, likeness);
    if (sum + STEADIEST * (UNSTEADY[0] + UNSTEADY[1]) <= 0.0f) /* the purest tones would not make it one */
        return 0;
    purity tones = purity_of(h, steps, &pair, run->inside);
    rec_lanes said = rec_log2_lanes((rec_lanes){at_least(UNSTEADY_LEAST, 1.0f - tones.steadiness[0]),
                                                at_least(UNSTEADY_LEAST, 1.0f - tones.steadiness[1]), tones.growth[0],
                                                tones.growth[1]});
    for (int side = 0; side < 2; side++) {
        float off = tones.deviation[side];
        if (!is_near(pair.tone[side], off))
            return 0;
        sum += UNSTEADY[side] * said[side] + DEVIATION[side] * off * off;
    }
    return sum + SWELL * common(0.5f * said[2], 0.5f * said[3]) > 0.0f;
}

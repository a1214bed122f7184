#include "dtmf_run.h"

#include "dtmf_pair.h"
#include "dtmf_tables.h"

enum {
    STEP = REC_DTMF_STEP,
    SPAN = 30,       /* steps that a run is looked for in: 75 ms */
    HOLE_MOST = 9,   /* absent steps that it bridges: a lost packet of 20 ms */
    TRAIL_MOST = 1,  /* absent steps at its newer end: with more, the window would hold the tone's end */
    PIECE_LEAST = 3, /* present steps between two holes */
    PIECE_MOST = 20, /* in a row: enough to decide by */
};

/* Speech strikes a pair of tones for 31 ms now and then, but seldom cleanly, seldom for longer and seldom at the tones'
 * own frequencies, and its low tone is the stronger: so what is less coherent must be longer and less tilted, and what
 * is much less so must be better tuned. Digits in
 * white noise 9 dB below have a coherence of 0.86 to 0.91, in speech 5 dB below 0.77 or more. */
static const float COHERENCE_LEAST = 0.74f;
static const float COHERENCE_CLEAN = 0.93f;
static const float DOUBT_SAMPLES = 500.0f;  /* more of tone for each 1.0 below clean */
static const float DOUBT_TWIST = 1.5f;      /* more of the high tone's power to the low one's */
static const float COHERENCE_FAIR = 0.85f;
static const float DOUBT_DEVIATION = 0.10f; /* less for each 1.0 below fair */

/* Each tone alone: low, high. 1500 Hz of the R1 pair 700+1500 is 1.56 % off 1477. */
static const float DEVIATION_MOST[2] = {0.0175f, 0.0153f};
static const float STEADINESS_LEAST[2] = {0.70f, 0.93f};

/* What is summed up over the steps of a run, or of a part of it. */
typedef struct {
    float samples, first, product, own, energy;
    uint32_t present;
} stretch;

static float clamped(float x) {
    return x > 1.0f ? 1.0f : x > 0.0f ? x : 0.0f;
}

static float share_of(rec_dtmf_match match) {
    return match.own > 0.0f ? clamped(match.product / match.own) : 0.0f;
}

float rec_dtmf_run_share(const rec_dtmf_history *h, int64_t step, const rec_dtmf_pair *pair) {
    return share_of(rec_dtmf_pair_match(h, step, pair));
}

/* Take in one present step, `back` steps before the newest; `newer` is the share of the next newer step, if absent. */
static void add_present(stretch *piece, int back, float share, float newer, rec_dtmf_match match) {
    piece->samples += STEP * (share + (piece->present == 0 ? newer : 0.0f));
    piece->first = STEP * ((float)back + share);
    piece->product += match.product;
    piece->own += match.own;
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
    for (int back = 0; back < SPAN && absent <= absent_most; back++, rec_dtmf_pair_back(&pair)) {
        int64_t step = steps - 1 - back;
        rec_dtmf_match match = rec_dtmf_pair_match(h, step, &pair);
        float share = share_of(match);
        piece.energy += h->energy[(uint32_t)step % REC_DTMF_STEPS];
        if (share >= REC_DTMF_PRESENT) {
            add_present(&piece, back, share, newer, match);
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

/* One tone over the run's inner steps: how far its frequency is off nominal, as a share of it, and how steady its
 * amplitude and phase are in either half, 1 being a tone and nothing else. */
typedef struct {
    float deviation, steadiness;
} purity;

static purity purity_of(const rec_dtmf_history *h, int64_t steps, rec_dtmf_pair pair, uint32_t inside, int side) {
    float re[2] = {0}, im[2] = {0}, at[2] = {0}, count[2] = {0}, energy = 0;
    uint32_t total = 0, seen = 0;
    for (uint32_t bits = inside; bits != 0; bits &= bits - 1)
        total++;
    for (int back = 0; back < SPAN; back++, rec_dtmf_pair_back(&pair)) {
        if ((inside >> back & 1) == 0)
            continue;
        int half = 2 * seen++ >= total;
        rec_phasor z = rec_dtmf_pair_tone(h, steps - 1 - back, &pair, side);
        re[half] += z.re;
        im[half] += z.im;
        at[half] += (float)back;
        count[half] += 1.0f;
        energy += rec_power(z);
    }
    if (count[1] == 0.0f || energy == 0.0f)
        return (purity){1.0f, 0.0f};
    rec_phasor newer = {re[0], im[0]}, older = {re[1], im[1]};
    float apart = at[1] / count[1] - at[0] / count[0];
    float drift = rec_angle(rec_times(newer, rec_conjugate(older))) / apart;
    float found = rec_dtmf_pair_off(&pair, side) + drift;
    float steadiness = (rec_power(newer) / count[0] + rec_power(older) / count[1]) / energy;
    return (purity){found / (OMEGA[pair.tone[side]] * STEP), steadiness};
}

int rec_dtmf_run_is_digit(const rec_dtmf_history *h, int64_t steps, rec_dtmf_pair pair, const rec_dtmf_run *run) {
    float doubt = run->coherence < COHERENCE_CLEAN ? COHERENCE_CLEAN - run->coherence : 0.0f;
    if (run->coherence < COHERENCE_LEAST || run->samples < REC_DTMF_RUN_LEAST + DOUBT_SAMPLES * doubt ||
        rec_dtmf_pair_twist(&pair) < REC_DTMF_TWIST_LEAST + DOUBT_TWIST * doubt)
        return 0;
    float strain = run->coherence < COHERENCE_FAIR ? DOUBT_DEVIATION * (COHERENCE_FAIR - run->coherence) : 0.0f;
    for (int side = 0; side < 2; side++) {
        purity tone = purity_of(h, steps, pair, run->inside, side);
        float most = DEVIATION_MOST[side] - strain;
        if (tone.deviation > most || tone.deviation < -most || tone.steadiness < STEADINESS_LEAST[side])
            return 0;
    }
    return 1;
}

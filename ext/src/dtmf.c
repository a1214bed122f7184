#include "dtmf.h"

#include <string.h>

#include "dtmf_pair.h"
#include "dtmf_run.h"
#include "dtmf_tables.h"
#include "lanes.h"

enum {
    STEP = REC_DTMF_STEP,
    QUIET = 11,      /* steps below the gate after which nothing is sought: the window */
    SPLIT = 12,      /* absent steps that end it: 30 ms */
    IDLE_LAG = 480,  /* samples, 60 ms: a tone that began earlier is pending or none */
    LAG_MOST = 720,  /* samples, 90 ms: told or never */
    REST = 3,        /* steps left out where nothing is expected: in a sure digit, behind a long run that is none, and
                      * where two tones are far from being most of what is heard */
    EARLY = 40,      /* 5 ms: files are cut that much before a tone */
};

static const float GATE = STEP * 1500.0f; /* energy of a step; two tones of -47.5 dBm0 have six times that */
static const int16_t HUSH = 38;           /* samples that all lie below are below the gate as well */
static const float SURE = 0.9f;            /* share of the active pair that makes it sure */

static const char DIGITS[4][5] = {"123A", "456B", "789C", "*0#D"};

void rec_dtmf_init(rec_dtmf *d) {
    memset(d, 0, sizeof *d);
    d->pending = -1;
    d->judged = -EARLY;
    d->quiet = REC_DTMF_STEPS;
}

/* Four samples a turn: as sums of vectors that do not wait for each other. */
static void pass_high(float state[4], float x[STEP]) {
    rec_lanes now[4], in[4], next = rec_lanes_load(state);
    for (int n = 0; n < STEP; n += 4) {
        rec_lanes_spread(next, now);
        rec_lanes_spread(rec_lanes_load(x + n), in);
        rec_lanes out = in[0] * HIGH_PASS[0][0] + now[0] * HIGH_PASS[4][0];
        next = in[0] * HIGH_PASS[0][1] + now[0] * HIGH_PASS[4][1];
        for (int k = 1; k < 4; k++) {
            out += in[k] * HIGH_PASS[k][0] + now[k] * HIGH_PASS[4 + k][0];
            next += in[k] * HIGH_PASS[k][1] + now[k] * HIGH_PASS[4 + k][1];
        }
        rec_lanes_store(x + n, out);
    }
    rec_lanes_store(state, next);
}

/* The carriers are even and odd about the step's middle: its halves are folded onto each other. */
static void correlate(const float x[STEP], float re[8], float im[8]) {
    rec_lanes re_low = {0}, re_high = {0}, im_low = {0}, im_high = {0}, even[4], odd[4];
    for (int from = 0; from < STEP / 2; from += 4) {
        rec_lanes older = rec_lanes_load(x + from), newer = rec_lanes_reversed(rec_lanes_load(x + STEP - 4 - from));
        rec_lanes_spread(older + newer, even);
        rec_lanes_spread(older - newer, odd);
        for (int k = 0; k < 4 && from + k < STEP / 2; k++) {
            re_low += even[k] * CARRIER_RE[from + k][0];
            re_high += even[k] * CARRIER_RE[from + k][1];
            im_low += odd[k] * CARRIER_IM[from + k][0];
            im_high += odd[k] * CARRIER_IM[from + k][1];
        }
    }
    rec_lanes_store(re, re_low);
    rec_lanes_store(re + 4, re_high);
    rec_lanes_store(im, im_low);
    rec_lanes_store(im + 4, im_high);
}

static float energy_of(const float x[STEP]) {
    rec_lanes squares = {0};
    for (int n = 0; n < STEP; n += 4)
        squares += rec_lanes_load(x + n) * rec_lanes_load(x + n);
    return rec_lanes_sum(squares);
}

/* Put a full step into the history. */
static void take_step(rec_dtmf *d, const int16_t pcm[STEP]) {
    rec_dtmf_history *h = &d->history;
    uint32_t at = (uint32_t)d->steps++ % REC_DTMF_STEPS;
    float x[STEP];
    for (int n = 0; n < STEP; n += 4)
        rec_lanes_store(x + n, rec_lanes_of(pcm + n));
    h->whole[at] = energy_of(x);
    if (h->whole[at] < GATE) {
        h->energy[at] = h->whole[at] = 0.0f;
        memset(h->re[at], 0, sizeof h->re[at]);
        memset(h->im[at], 0, sizeof h->im[at]);
        memset(d->high_pass, 0, sizeof d->high_pass);
        d->quiet += d->quiet < REC_DTMF_STEPS;
        return;
    }
    pass_high(d->high_pass, x);
    h->energy[at] = energy_of(x);
    correlate(x, h->re[at], h->im[at]);
    d->quiet = 0;
}

REC_WIDE static void take_step_wide(rec_dtmf *d, const int16_t pcm[STEP]) {
    take_step(d, pcm);
}

static rec_dtmf_event event(int on, const rec_dtmf_pair *pair, int64_t sample) {
    return (rec_dtmf_event){sample, (uint8_t)on, DIGITS[pair->tone[0]][pair->tone[1] - 4]};
}

/* The high-pass delays the pair's tones by so many samples, on the average of both. */
static float delay(const rec_dtmf_pair *pair) {
    return (DELAY[pair->tone[0]] + DELAY[pair->tone[1]]) * 0.5f;
}

static int is_same(const rec_dtmf_pair *a, const rec_dtmf_pair *b) {
    return a->tone[0] == b->tone[0] && a->tone[1] == b->tone[1];
}

/* Follow the active tone over the newest step: by the pair found in it, if any, or by the one known. */
static void follow(rec_dtmf *d, float known, const rec_dtmf_pair *found) {
    int64_t newest = d->steps - 1;
    float here = found ? rec_dtmf_pair_share(&d->history, newest, found) : 0.0f;
    if (here >= REC_DTMF_PRESENT)
        d->pair = *found;
    here = here > known ? here : known;
    if (here >= REC_DTMF_PRESENT) {
        d->end = newest * STEP + (int64_t)(STEP * here);
        d->absent = 0;
    } else if (d->absent++ == 0) {
        d->end += (int64_t)(STEP * here);
    }
}

static uint32_t end_active(rec_dtmf *d, rec_dtmf_event *out) {
    int64_t end = d->end - (int64_t)delay(&d->pair);
    d->told = end > d->told ? end : d->told;
    *out = event(0, &d->pair, d->told - 1);
    d->active = 0;
    return 1;
}

static uint32_t begin(rec_dtmf *d, const rec_dtmf_pair *pair, int64_t first, rec_dtmf_event *out) {
    uint32_t count = 0;
    if (d->active) {
        d->end = first < d->end ? first : d->end;
        count = end_active(d, out);
    }
    first = first < d->told ? d->told : first;
    first = first < d->judged + EARLY ? d->judged + EARLY : first;
    out[count++] = event(1, pair, first);
    d->told = first + 1;
    d->active = 1;
    d->absent = 0;
    d->pair = *pair;
    d->end = d->steps * STEP;
    d->pending = -1;
    return count;
}

/* Look for a pair in the newest window, where it is worth it. Returns 1 with the pair, or 0. */
static int find_pair(rec_dtmf *d, float known, rec_dtmf_pair *pair) {
    if (d->quiet >= QUIET)
        return 0;
    if (d->rest > 0 && d->rest-- > 0)
        return 0;
    int found = rec_dtmf_pair_find(&d->history, d->steps - 1, pair);
    if (found < 0 || known >= SURE)
        d->rest = REST;
    return found > 0;
}

static uint32_t weigh_run(rec_dtmf *d, const rec_dtmf_pair *pair, rec_dtmf_event *out) {
    rec_dtmf_run run;
    if (!rec_dtmf_run_find(&d->history, d->steps, d->told, *pair, &run))
        return 0;
    int64_t first = d->steps * STEP - (int64_t)(run.first + delay(pair));
    if (rec_dtmf_run_is_digit(&d->history, d->steps, *pair, &run))
        return begin(d, pair, first, out);
    d->pending = first;
    d->rest = run.samples > REC_DTMF_RUN_LONG ? REST : 0;
    return 0;
}

static void judge(rec_dtmf *d) {
    int64_t now = d->steps * STEP, judged = now - IDLE_LAG;
    if (d->pending >= 0 && d->pending - 2 * EARLY < judged) {
        int64_t least = now - LAG_MOST;
        judged = d->pending - 2 * EARLY;
        judged = judged < least ? least : judged;
    }
    d->judged = judged > d->judged ? judged : d->judged;
}

/* Everything that one more complete step tells; at most three events. */
static uint32_t hear_step(rec_dtmf *d, rec_dtmf_event *out) {
    rec_dtmf_pair pair;
    uint32_t count = 0;
    float known = 0.0f;
    if (d->active) {
        rec_dtmf_pair_forth(&d->pair);
        known = rec_dtmf_pair_share(&d->history, d->steps - 1, &d->pair);
    }
    int found = find_pair(d, known, &pair);
    int same = found && d->active && is_same(&pair, &d->pair);
    if (d->active) {
        follow(d, known, same ? &pair : 0);
        if (d->absent >= SPLIT)
            count = end_active(d, out);
    }
    d->pending = -1;
    if (found && !same)
        count += weigh_run(d, &pair, out + count);
    judge(d);
    return count;
}

/* Samples in front of the first whole step that is not hushed. */
static uint32_t hush(const int16_t *pcm, uint32_t samples) {
    uint32_t steps = samples / STEP * STEP, loud = 0;
    for (uint32_t i = 0; i < steps; i++)
        loud |= pcm[i] > HUSH || pcm[i] < -HUSH;
    if (!loud)
        return steps;
    uint32_t i = 0;
    while (pcm[i] <= HUSH && pcm[i] >= -HUSH)
        i++;
    return i / STEP * STEP;
}

/* Where all of the history is below the gate and no tone is on, whole steps below it change nothing but the time.
 * Returns the samples taken. */
static uint32_t pass_silence(rec_dtmf *d, const int16_t *pcm, uint32_t samples) {
    if (d->quiet < REC_DTMF_STEPS || d->active || d->filled > 0 || samples < STEP)
        return 0;
    uint32_t hushed = hush(pcm, samples);
    d->steps += hushed / STEP;
    judge(d);
    return hushed;
}

uint32_t rec_dtmf_process(rec_dtmf *d, const int16_t *pcm, uint32_t samples, rec_dtmf_event events[REC_DTMF_EVENTS]) {
    uint32_t count = 0;
    while (samples > 0) {
        uint32_t passed = pass_silence(d, pcm, samples);
        pcm += passed;
        samples -= passed;
        uint32_t take = STEP - d->filled < samples ? STEP - d->filled : samples;
        const int16_t *step = take == STEP ? pcm : d->step;
        if (take < STEP)
            memcpy(d->step + d->filled, pcm, take * sizeof *pcm);
        pcm += take;
        samples -= take;
        d->filled += take;
        if (d->filled == STEP) {
            d->filled = 0;
            (rec_is_wide() ? take_step_wide : take_step)(d, step);
            count += hear_step(d, events + count);
        }
    }
    return count;
}

int64_t rec_dtmf_judged(const rec_dtmf *d) {
    return d->judged;
}

int rec_dtmf_is_sound(const rec_dtmf *d) {
    const int64_t most = INT64_MAX / 48000 / STEP / 2; /* samples become frames of 48000 Hz, and time goes on */
    int pair = d->pair.tone[0] < 4 && d->pair.tone[1] >= 4 && d->pair.tone[1] < 8;
    return d->filled < STEP && d->rest <= REST && d->quiet <= REC_DTMF_STEPS && d->active <= 1 && d->steps >= 0 &&
           d->steps < most && (pair || !d->active) && d->told >= 0 && d->told < most * STEP && d->judged >= -EARLY &&
           d->judged < most * STEP && d->end >= 0 && d->end < most * STEP;
}

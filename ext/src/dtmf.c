#include "dtmf.h"

#include <string.h>

#include "dtmf_pair.h"
#include "dtmf_run.h"
#include "dtmf_tables.h"

enum {
    STEP = REC_DTMF_STEP,
    QUIET = 11,      /* steps below the gate after which nothing is sought: the window */
    SPLIT = 12,      /* absent steps that end it: 30 ms */
    IDLE_LAG = 480,  /* samples, 60 ms: a tone that began earlier is pending or none */
    LAG_MOST = 720,  /* samples, 90 ms: told or never */
    EARLY = 40,      /* 5 ms: files are cut that much before a tone */
};

static const float GATE = STEP * 1500.0f; /* energy of a step; two tones of -47.5 dBm0 have six times that */

static const char DIGITS[4][5] = {"123A", "456B", "789C", "*0#D"};

void rec_dtmf_init(rec_dtmf *d) {
    memset(d, 0, sizeof *d);
    d->pending = -1;
    d->judged = -EARLY;
    d->quiet = QUIET;
}

/* One biquad, transposed form II, over a step in place. */
static void biquad(const float c[5], float state[2], float x[STEP]) {
    float s1 = state[0], s2 = state[1];
    for (int n = 0; n < STEP; n++) {
        float in = x[n], out = c[0] * in + s1;
        s1 = c[1] * in + c[3] * out + s2;
        s2 = c[2] * in + c[4] * out;
        x[n] = out;
    }
    state[0] = s1;
    state[1] = s2;
}

static void correlate(const float x[STEP], float re[8], float im[8]) {
    float sum_re[8] = {0}, sum_im[8] = {0};
    for (int n = 0; n < STEP; n++) {
        for (int k = 0; k < 8; k++) {
            sum_re[k] += x[n] * CARRIER_RE[n][k];
            sum_im[k] += x[n] * CARRIER_IM[n][k];
        }
    }
    memcpy(re, sum_re, sizeof sum_re);
    memcpy(im, sum_im, sizeof sum_im);
}

static float energy_of(const int16_t pcm[STEP]) {
    uint64_t sum = 0;
    for (int n = 0; n < STEP; n += 2)
        sum += (uint32_t)(pcm[n] * pcm[n]) + (uint32_t)(pcm[n + 1] * pcm[n + 1]);
    return (float)sum;
}

/* Put the full step into the history. */
static void take_step(rec_dtmf *d) {
    rec_dtmf_history *h = &d->history;
    uint32_t at = (uint32_t)d->steps++ % REC_DTMF_STEPS;
    float raw = energy_of(d->step);
    if (raw < GATE) {
        memset(h->re[at], 0, sizeof h->re[at]);
        memset(h->im[at], 0, sizeof h->im[at]);
        memset(d->high_pass, 0, sizeof d->high_pass);
        h->energy[at] = raw;
        d->quiet++;
        return;
    }
    float x[STEP], lanes[4] = {0};
    for (int n = 0; n < STEP; n++)
        x[n] = d->step[n];
    biquad(HIGH_PASS[0], d->high_pass[0], x);
    biquad(HIGH_PASS[1], d->high_pass[1], x);
    for (int n = 0; n < STEP; n += 4)
        for (int k = 0; k < 4; k++)
            lanes[k] += x[n + k] * x[n + k];
    h->energy[at] = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
    correlate(x, h->re[at], h->im[at]);
    d->quiet = 0;
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
static void follow(rec_dtmf *d, const rec_dtmf_pair *found) {
    int64_t newest = d->steps - 1;
    rec_dtmf_pair_forth(&d->pair);
    float known = rec_dtmf_run_share(&d->history, newest, &d->pair);
    float here = found ? rec_dtmf_run_share(&d->history, newest, found) : 0.0f;
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

/* Everything that one more complete step tells; at most three events. */
static uint32_t hear_step(rec_dtmf *d, rec_dtmf_event *out) {
    rec_dtmf_pair pair;
    rec_dtmf_run run;
    uint32_t count = 0;
    int64_t now = d->steps * STEP;
    int found = d->quiet < QUIET && rec_dtmf_pair_find(&d->history, d->steps - 1, &pair);
    int known = found && d->active && is_same(&pair, &d->pair);
    if (d->active) {
        follow(d, known ? &pair : 0);
        if (d->absent >= SPLIT)
            count = end_active(d, out);
    }
    d->pending = -1;
    if (found && !known && rec_dtmf_run_find(&d->history, d->steps, d->told, pair, &run)) {
        int64_t first = now - (int64_t)(run.first + delay(&pair));
        if (rec_dtmf_run_is_digit(&d->history, d->steps, pair, &run))
            count += begin(d, &pair, first, out + count);
        else
            d->pending = first;
    }
    int64_t judged = now - IDLE_LAG;
    if (d->pending >= 0 && d->pending - 2 * EARLY < judged)
        judged = d->pending - 2 * EARLY;
    judged = judged < now - LAG_MOST ? now - LAG_MOST : judged;
    d->judged = judged > d->judged ? judged : d->judged;
    return count;
}

uint32_t rec_dtmf_process(rec_dtmf *d, const int16_t *pcm, uint32_t samples, rec_dtmf_event events[REC_DTMF_EVENTS]) {
    uint32_t count = 0;
    while (samples > 0) {
        uint32_t take = STEP - d->filled < samples ? STEP - d->filled : samples;
        memcpy(d->step + d->filled, pcm, take * sizeof *pcm);
        pcm += take;
        samples -= take;
        d->filled += take;
        if (d->filled == STEP) {
            d->filled = 0;
            take_step(d);
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
    return d->filled < STEP && d->steps >= 0 && d->steps < most && d->active <= 1 && d->pair.tone[0] < 4 &&
           (!d->active || (d->pair.tone[1] >= 4 && d->pair.tone[1] < 8)) && d->told >= 0 && d->told < most * STEP &&
           d->judged >= -REC_DTMF_MOST && d->judged < most * STEP && d->end >= 0 && d->end < most * STEP;
}

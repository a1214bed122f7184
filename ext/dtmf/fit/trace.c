/* Hear raw s16le at 8000 Hz on stdin, and write on stdout what the weighing of each run of tones is about: all runs that
 * pass the hard limits, none of them taken for a digit. */
#include <stdio.h>

#define rec_dtmf_run_is_digit weighed
#include "../../src/dtmf_run.c"
#undef rec_dtmf_run_is_digit

typedef struct {
    float step, digit, coherence, samples, twist, deviation[2], steadiness[2], below, likeness, before, swell;
} record; /* of floats alone: RECORD in runs.py */

int rec_dtmf_run_is_digit(const rec_dtmf_history *h, int64_t steps, rec_dtmf_pair pair, const rec_dtmf_run *run) {
    float likeness = rec_dtmf_pair_likeness(h, steps - 1, &pair);
    int bent = likeness >= LIKENESS_BENT && before_of(h, steps, run) <= BEFORE_BENT;
    if (run->coherence < (bent ? COHERENCE_BENT : COHERENCE_LEAST) || run->samples < REC_DTMF_RUN_LEAST)
        return 0;
    record r = {
        .step = (float)steps,
        .digit = (float)(pair.tone[0] * 4 + pair.tone[1] - 4),
        .coherence = run->coherence,
        .samples = run->samples,
        .twist = rec_log2(rec_dtmf_pair_twist(&pair)),
        .below = below_of(h, steps, run->inside),
        .likeness = likeness,
        .before = before_of(h, steps, run),
    };
    purity tones = purity_of(h, steps, &pair, run->inside);
    for (int side = 0; side < 2; side++) {
        if (!is_near(pair.tone[side], tones.deviation[side]))
            return 0;
        r.deviation[side] = tones.deviation[side];
        r.steadiness[side] = tones.steadiness[side];
    }
    r.swell = common(0.5f * rec_log2(tones.growth[0]), 0.5f * rec_log2(tones.growth[1]));
    fwrite(&r, sizeof r, 1, stdout);
    return 0;
}

int main(void) {
    static rec_dtmf d;
    rec_dtmf_event events[REC_DTMF_EVENTS];
    int16_t pcm[160];
    rec_dtmf_init(&d);
    for (size_t samples; (samples = fread(pcm, sizeof *pcm, 160, stdin)) > 0;)
        rec_dtmf_process(&d, pcm, (uint32_t)samples, events);
    return 0;
}

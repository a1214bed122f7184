/* DTMF digits in one channel of audio at 8000 Hz.
 *
 *     rec_dtmf d;
 *     rec_dtmf_init(&d);
 *     rec_dtmf_event events[REC_DTMF_EVENTS];
 *     uint32_t count = rec_dtmf_process(&d, pcm, 160, events);
 *
 * What is taken for a digit (ITU-T Q.23 and Q.24, with limits halfway between "must" and "must not"): both tones
 * within 2.5 % of nominal (1.5 % is always taken, 3.5 % never); high tone 10 dB below to 6 dB above the low one; each
 * tone at -47.5 dBm0 or more; 28 ms of tone (40 ms always, 23 ms never); a pause of 30 ms splits (40 ms always, a lost
 * 20 ms packet never). 0 dBm0 is 3.14 dB below a full-scale sine.
 *
 * These are the limits for a clean tone: the less of the sound is the two tones, the longer they must last.
 *
 * How: each step of 2.5 ms is correlated with the eight tones. Over a window of eleven steps the strongest low and
 * high tone are found, their frequencies estimated from the phase advance between two overlapping parts of the window,
 * and their amplitudes and phases with them (dtmf_pair.c). The pair so found is laid over the steps, newest to oldest:
 * how much of it is present in each tells where the tone begins, how long it is, and how much else there is
 * (dtmf_run.c). dtmf.c makes events of that.
 */
#ifndef REC_DTMF_H
#define REC_DTMF_H

#include <stdint.h>

/* Events of 100 ms: runs of tone don't overlap, each has 28 ms, and the first began 80 ms before at the earliest: at
 * most 6 begin, and at most 7 end. */
enum { REC_DTMF_STEP = 20, REC_DTMF_STEPS = 32, REC_DTMF_EVENTS = 16, REC_DTMF_MOST = 800 };

typedef struct {
    int64_t sample; /* the tone's first sample, or its last */
    uint8_t on;
    char digit;
} rec_dtmf_event;

/* A low and a high tone with the amplitudes and phases found: re, im in the middle of the newest step, and the turn
 * from one step to the next. */
typedef struct {
    uint8_t tone[2]; /* 0..3 low, 4..7 high */
    float re[2], im[2];
    float turn_re[2], turn_im[2];
} rec_dtmf_pair;

/* The last 80 ms in steps, by step number % REC_DTMF_STEPS. */
typedef struct {
    float re[REC_DTMF_STEPS][8], im[REC_DTMF_STEPS][8]; /* correlations with the eight tones */
    float energy[REC_DTMF_STEPS];                       /* behind the high-pass */
    float whole[REC_DTMF_STEPS];                        /* energy in front of it */
} rec_dtmf_history;

typedef struct {
    int16_t step[REC_DTMF_STEP]; /* the step being filled */
    uint32_t filled;             /* samples of it */
    uint32_t quiet;              /* steps since the last one above the gate, up to all of the history */
    uint32_t rest;               /* steps in which no pair will be sought */
    int64_t steps;               /* complete steps so far */
    float high_pass[4];          /* filter state */
    rec_dtmf_history history;
    int64_t pending; /* first sample of a tone seen but not yet long enough; -1: none */
    int64_t judged;  /* no tone will be told that begins less than 40 samples above this */
    int64_t told;    /* no tone will be told that begins below this: end of the last one */
    uint32_t active; /* 1 between on and off */
    uint32_t absent; /* steps for which the active tone has been away */
    int64_t end;     /* sample behind the active tone so far */
    rec_dtmf_pair pair; /* the active tone */
} rec_dtmf;

void rec_dtmf_init(rec_dtmf *d);
/* Hear at most REC_DTMF_MOST samples; returns the number of events, in order. */
uint32_t rec_dtmf_process(rec_dtmf *d, const int16_t *pcm, uint32_t samples, rec_dtmf_event events[REC_DTMF_EVENTS]);
/* No `on` to come has a first sample less 40 (5 ms) below this; at most 90 ms behind what was heard. */
int64_t rec_dtmf_judged(const rec_dtmf *d);
/* Whether restored bytes can be gone on with safely: nothing in them leads out of a table. */
int rec_dtmf_is_sound(const rec_dtmf *d);

#endif

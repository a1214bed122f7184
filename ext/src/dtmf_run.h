/* Inside the DTMF detector: the stretch of steps in which a pair of tones is present, and whether it makes a digit. */
#ifndef REC_DTMF_RUN_H
#define REC_DTMF_RUN_H

#include "dtmf.h"

enum {
    REC_DTMF_RUN_LEAST = 224, /* samples of tone that make a digit: 28 ms */
    REC_DTMF_RUN_LONG = 390,  /* so long, and no digit yet: it will hardly become one */
};

typedef struct {
    float samples;   /* of tone; holes are not counted */
    float first;     /* its first sample, in samples before the newest step's end */
    float coherence; /* share of the run's energy that the pair explains, holes included */
    uint32_t inside; /* bit k: the step k before the newest is present, and so are its neighbours */
} rec_dtmf_run;

/* Lay the pair over the steps, newest (number `steps` - 1) to oldest, but not below sample `floor`. 1, or 0: it is
 * not present lately. */
int rec_dtmf_run_find(const rec_dtmf_history *h, int64_t steps, int64_t floor, rec_dtmf_pair pair, rec_dtmf_run *run);
/* Whether this run is a digit. */
int rec_dtmf_run_is_digit(const rec_dtmf_history *h, int64_t steps, rec_dtmf_pair pair, const rec_dtmf_run *run);

#endif

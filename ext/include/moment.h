/* One instant, read on every clock we tell time by.
 *
 *     rec_moment now;
 *     rec_moment_read(&now);
 *     int64_t sampled = rec_moment_map(&now, info->current_s, info->input_adc_s);   // CLOCK_BOOTTIME
 */
#ifndef REC_MOMENT_H
#define REC_MOMENT_H

#include <stdint.h>

#define REC_NS 1000000000ll

typedef struct {
    int64_t boot_ns; /* CLOCK_BOOTTIME */
    int64_t real_ns; /* CLOCK_REALTIME */
    int64_t mono_ns; /* CLOCK_MONOTONIC */
} rec_moment;

/* Read all three at one instant: again, up to three times, when the thread was pre-empted between them. */
void rec_moment_read(rec_moment *now);

/* `stamp_s`, a time within 60 s of `current_s` on the clock that shows `current_s` now, as CLOCK_BOOTTIME in ns. That
 * clock is the nearest of CLOCK_REALTIME and CLOCK_MONOTONIC, as PortAudio's host APIs and builds differ; if neither is
 * within 10 s, `current_s` is taken to be this very moment. 0 when the stamp is no time at all (0, or out of range). */
int64_t rec_moment_map(const rec_moment *now, double current_s, double stamp_s);

#endif

#define _GNU_SOURCE /* CLOCK_BOOTTIME beside -std=c11 */
#include "moment.h"

#include <stdlib.h>
#include <time.h>

enum { TRIES = 3 };
static const int64_t PREEMPTED_NS = 10000;       /* three clock reads take well under a microsecond */
static const int64_t OTHER_CLOCK_NS = 10 * REC_NS; /* a clock this far off is not the one that was read */
static const double STAMP_RANGE_S = 60.0;
static const double LATEST_S = 9e9; /* what nanoseconds in 64 bits can hold */

static int64_t clock_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * REC_NS + t.tv_nsec;
}

static int64_t seconds_to_ns(double s) {
    int64_t whole = (int64_t)s;
    return whole * REC_NS + (int64_t)((s - (double)whole) * 1e9);
}

void rec_moment_read(rec_moment *now) {
    for (int i = 0; i < TRIES; i++) {
        now->boot_ns = clock_ns(CLOCK_BOOTTIME);
        now->real_ns = clock_ns(CLOCK_REALTIME);
        now->mono_ns = clock_ns(CLOCK_MONOTONIC);
        if (clock_ns(CLOCK_BOOTTIME) - now->boot_ns < PREEMPTED_NS)
            return;
    }
}

int64_t rec_moment_map(const rec_moment *now, double current_s, double stamp_s) {
    double ahead_s = current_s - stamp_s;
    if (!(stamp_s > 0.0 && current_s < LATEST_S && ahead_s <= STAMP_RANGE_S && ahead_s >= -STAMP_RANGE_S))
        return 0;
    int64_t current = seconds_to_ns(current_s), stamp = seconds_to_ns(stamp_s);
    int64_t off_real = llabs(now->real_ns - current), off_mono = llabs(now->mono_ns - current);
    int64_t here = off_real <= off_mono ? now->real_ns : now->mono_ns;
    if ((off_real <= off_mono ? off_real : off_mono) > OTHER_CLOCK_NS)
        here = current;
    return now->boot_ns - (here - stamp);
}

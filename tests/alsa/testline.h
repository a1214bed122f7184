/* What a test and its device share: a mapped file, one for each device. device.py holds the same layout. */
#ifndef TESTLINE_H
#define TESTLINE_H

#include <stdatomic.h>
#include <stdint.h>

enum { TESTLINE_BREAKS = 64 };

/* What befalls the device. The test writes it, the device obeys from its next look at the clock. */
enum testline_fault {
    TESTLINE_WELL = 0,
    TESTLINE_STALLED = 1,   /* the hardware stands still: no frame, no error. The line's audio goes by unheard */
    TESTLINE_UNPLUGGED = 2, /* every call answers -ENODEV, opening too */
    TESTLINE_BROKEN = 3,    /* poll() answers POLLERR at once and for ever, no frame comes; opening works */
};

/* The device began to move, or moved again. Frames `stopped_at` .. `started_at` - 1 of the line were given to nobody. */
struct testline_break {
    uint64_t stopped_at; /* behind the last frame the reader took (capture), that was played (playback) */
    uint64_t started_at;
    int64_t boottime_ns; /* CLOCK_BOOTTIME at started_at */
};

/* The line's frames are those of its source; they are counted by the clock from the first start, also while no one
 * listens. A speaker's frames are those of its sink. All but `fault` is written by the device. */
struct testline_control {
    _Atomic int64_t fault;
    _Atomic int64_t epoch_ns; /* CLOCK_BOOTTIME of the line's frame 0; 0: never started */
    _Atomic uint64_t overruns;
    _Atomic uint64_t given; /* behind the last frame the reader took, or that was played */
    _Atomic uint64_t starts;
    struct testline_break breaks[TESTLINE_BREAKS]; /* start k is in slot k % TESTLINE_BREAKS */
};

#endif

/* From a device into the rings of its lines.
 *
 *     rec_intake intake;
 *     rec_intake_init(&intake, 8000, 16, REC_GAP_RESTART);       // a 16-channel card
 *     rec_intake_add(&intake, &front, (uint16_t[]){0, 1});       // front: a rec_ring_writer of two channels
 *     rec_intake_add(&intake, &office, (uint16_t[]){2, 3});
 *     Pa_OpenStream(..., rec_intake_callback, &intake);
 *     ...
 *     if (rec_intake_is_finished(&intake)) ...                   // PortAudio's thread has left the stream
 *
 * All is set up before the stream starts; from then on the PortAudio thread alone writes, and any thread may read the
 * counters. The callback takes no lock, allocates nothing and makes no system call but clock_gettime.
 *
 * Lost frames are found by time: on PortAudio's overflow flag, or when a block comes more than 250 ms later than its
 * number says, the frames between are written as a gap ahead of it. The first block of a ring that goes on after an
 * earlier writer is held against that ring's last anchor in the same way.
 */
#ifndef REC_CAPTURE_H
#define REC_CAPTURE_H

#include <stdatomic.h>
#include <stdint.h>

#include "dll.h"
#include "moment.h"
#include "pa.h"
#include "ring.h"

enum { REC_INTAKE_LINES = 64, REC_INTAKE_CHANNELS = 64, REC_LINE_CHANNELS = 2 };
#define REC_INTAKE_JUMP_S 0.25 /* later than this without a flag: the device stood still */

typedef struct {
    rec_ring_writer *ring;
    uint16_t map[REC_LINE_CHANNELS]; /* device channel of the ring's channel */
} rec_intake_line;

typedef struct {
    /* Set before the stream starts. */
    uint32_t rate_hz, channels, lines;
    enum rec_ring_cause first_cause; /* why frames are missing before the first block */
    rec_intake_line line[REC_INTAKE_LINES];
    /* The PortAudio thread's. */
    rec_dll dll;
    int running;            /* 1 from the first block on */
    uint64_t since_anchor;  /* frames */
    /* Written by the PortAudio thread, read by any: see rec_intake_counters. */
    _Atomic uint64_t callbacks, frames, overflows, underflows, gaps, lost_frames;
    _Atomic int finished;
} rec_intake;

typedef struct {
    uint64_t callbacks;
    uint64_t frames;      /* that the device gave */
    uint64_t overflows;   /* callbacks flagged paInputOverflow */
    uint64_t underflows;  /* callbacks flagged paInputUnderflow */
    uint64_t gaps;        /* written to the rings of this device */
    uint64_t lost_frames; /* in these gaps */
} rec_intake_counters;

/* 0, or -1: no such rate or number of channels. */
int rec_intake_init(rec_intake *in, uint32_t rate_hz, uint32_t channels, enum rec_ring_cause first_cause);
/* Send device channels map[0..] to a ring of one or two channels. 0, or -1: too many lines, or no such channel. */
int rec_intake_add(rec_intake *in, rec_ring_writer *ring, const uint16_t *map);

/* A block whose first frame was sampled at adc_ns of CLOCK_BOOTTIME. */
void rec_intake_take(rec_intake *in, const int16_t *pcm, uint64_t frames, unsigned long flags, int64_t adc_ns,
                     const rec_moment *now);

/* Any thread. */
rec_intake_counters rec_intake_count(const rec_intake *in);
int rec_intake_is_finished(const rec_intake *in);

int rec_intake_callback(const void *input, void *output, unsigned long frames, const rec_pa_time *time,
                        unsigned long flags, void *intake); /* PaStreamCallback */
void rec_intake_finished(void *intake);                     /* PaStreamFinishedCallback */

#endif

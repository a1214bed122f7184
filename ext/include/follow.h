/* The audio thread of serve: follows up to 64 rings, lets each line's ear hear, and tells what it heard in a queue.
 *
 *     rec_follow *f = rec_follow_new(64, 1 << 20);
 *     const char *why = rec_follow_add(f, 0, &ring, head, NULL, 0);      // NULL: followed from here on
 *     ... rec_follow_run(f) in a thread of its own ...
 *     rec_told told;
 *     const void *payload;
 *     while (rec_follow_next(f, &told, &payload))                        // when rec_follow_fd is readable
 *         hear_of(&told, payload);
 *
 * Two threads: the audio thread calls run (or pass) and neither allocates, locks nor waits in a pass; its only system
 * calls are the clock and the eventfd. One other thread, the owner, calls all the rest. A line passes between them by
 * one atomic word. What does not fit the queue stays in the ring until the next pass, so that nothing is dropped while
 * the ring holds it.
 */
#ifndef REC_FOLLOW_H
#define REC_FOLLOW_H

#include "ear.h"
#include "hum.h"
#include "ring.h"

enum { REC_FOLLOW_SLOTS_MAX = 64, REC_FOLLOW_PASS_MS = 20 };

enum rec_told_kind {
    REC_TOLD_AUDIO = 1, /* payload: rec_digit[digits], then rec_block[parties][blocks] */
    REC_TOLD_GAP,       /* filled silence, told before the audio that covers it, without what was heard before */
    REC_TOLD_LOST,      /* overwritten before we read it; the ear starts anew behind it */
    REC_TOLD_SILENT,    /* all is heard, and nothing was written for 1 s */
    REC_TOLD_BACK,      /* frames come again */
    REC_TOLD_ENDED,     /* the input ended; the audio told before is the flushed ear's last */
    REC_TOLD_RETIRED,   /* the file is no longer the line's ring; all of it is heard */
    REC_TOLD_SNAPSHOT,  /* payload: the rec_ear that has heard all below `frame`; never inside a gap */
    REC_TOLD_HUM        /* payload: rec_hummed[parties], of the 200 ms that end at `frame`; where a party hums */
};

typedef struct {
    uint32_t kind; /* enum rec_told_kind */
    uint32_t slot;
    uint32_t following;   /* which use of the slot this is about */
    uint32_t payload;     /* bytes that go with it */
    uint64_t frame;       /* gap, lost: the first; else where the ear stands, by the line's clock */
    uint64_t frames;      /* gap, lost */
    int64_t boottime_ns;  /* silent: the last write, or the beginning of our following if there was none */
    uint64_t judged;      /* audio, as in rec_heard */
    uint64_t first_block; /* audio */
    uint32_t parties; /* audio, hum */
    uint32_t blocks, digits; /* audio */
} rec_told;

typedef struct rec_follow rec_follow;

/* NULL with errno: EINVAL (slots not 1..64, or a queue too small for one step of one line) or ENOMEM. */
rec_follow *rec_follow_new(uint32_t slots, size_t queue_bytes);
void rec_follow_free(rec_follow *f); /* when the audio thread has returned */

/* Owner. Follow `ring`, which must stay open until removed, from first_frame: with the `state` of a snapshot taken
 * there, or without one (NULL), rounded down to the 10 ms grid. NULL, or why not. */
const char *rec_follow_add(rec_follow *f, uint32_t slot, const rec_ring_reader *ring, uint64_t first_frame,
                           const void *state, size_t state_bytes);
/* Owner. Returns when the audio thread has let go of the ring; nothing more is told of it. 0, or -1: not followed. */
int rec_follow_remove(rec_follow *f, uint32_t slot);
/* Owner. Take one result: 1, or 0: none waits. `payload` is good until the next call. */
int rec_follow_next(rec_follow *f, rec_told *told, const void **payload);
/* An eventfd, readable after a pass that told something until rec_follow_seen. */
int rec_follow_fd(const rec_follow *f);
void rec_follow_seen(rec_follow *f);         /* owner, before the first rec_follow_next of a batch */
uint64_t rec_follow_passes(const rec_follow *f); /* any thread */

/* The audio thread: passes every 20 ms until stopped. 0, or -1 at once: it runs already. */
int rec_follow_run(rec_follow *f);
void rec_follow_stop(rec_follow *f); /* any thread; for good */
/* One pass: every line until it is caught up or the queue is full. For the audio thread, where run is not used. */
void rec_follow_pass(rec_follow *f);

#endif

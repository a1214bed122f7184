/* One line as the follower hears it, for follow.c and follow_line.c alone: what happens to a ring, in its order.
 *
 *     why = rec_follow_line_start(&line, &ring, first_frame, NULL, 0);   // the owner, before it hands the line over
 *     while (rec_follow_line_step(&line, &audio))                        // the audio thread: one thing at a time
 *         continue;
 */
#ifndef REC_FOLLOW_LINE_H
#define REC_FOLLOW_LINE_H

#include "follow.h"
#include "queue.h"

enum { REC_FOLLOW_PIECES_PER_S = 10, REC_FOLLOW_PIECE_MAX = 48000 / REC_FOLLOW_PIECES_PER_S };

/* The most that one step can tell: every gap logged, "back", two times audio, "ended", a snapshot, hum. */
enum {
    REC_FOLLOW_AUDIO_BYTES = sizeof(((rec_heard *)0)->digit) + sizeof(((rec_heard *)0)->block),
    REC_FOLLOW_STEP_BYTES =
        (REC_RING_SLOTS + 6) * sizeof(rec_told) + 2 * REC_FOLLOW_AUDIO_BYTES + sizeof(rec_ear) +
        REC_EAR_PARTIES * sizeof(rec_hummed)
};

/* What the audio thread works with. */
typedef struct {
    rec_queue queue;
    int64_t now_ns;  /* CLOCK_BOOTTIME at the beginning of the pass */
    rec_heard heard; /* of the piece at hand */
    int16_t pcm[REC_FOLLOW_PIECE_MAX * REC_EAR_PARTIES];
} rec_follow_audio;

typedef struct {
    uint32_t slot;      /* ours among the follower's; stored once */
    uint32_t following; /* which use of the slot this is; stored by the owner while it has the line */
    uint32_t piece;     /* frames heard at once */
    rec_ring_reader ring;
    uint64_t cursor;   /* the first frame not heard yet */
    uint64_t next_gap; /* the number of the first gap not told yet */
    uint64_t gap_end;  /* of the gaps told */
    int64_t since_ns;  /* CLOCK_BOOTTIME at which we began to follow */
    int snapshot_due, silent, ended, retired; /* the last three: told already */
    rec_hum hum[REC_EAR_PARTIES]; /* begins anew where we begin to follow: no snapshot holds it */
    rec_ear ear;
} rec_follow_line;

/* As rec_follow_add. NULL, or why not: then the line is as it was, but for its ear. */
const char *rec_follow_line_start(rec_follow_line *line, const rec_ring_reader *ring, uint64_t first_frame,
                                  const void *state, size_t state_bytes);
/* The next thing about this line. 1: done, there may be more; 0: nothing to do, or no room to tell it. */
int rec_follow_line_step(rec_follow_line *line, rec_follow_audio *audio);

int64_t rec_follow_now_ns(void); /* CLOCK_BOOTTIME */

#endif

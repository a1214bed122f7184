/* From speech probabilities to stretches of speech, at one sensitivity.
 *
 *     rec_gate g;
 *     if (rec_gate_init(&g, 44.0) < 0)
 *         return fail("sensitivity");
 *     rec_gate_change changes[REC_GATE_CHANGES];
 *     rec_gate_skip(&g, first_block, changes);
 *     uint32_t count = rec_gate_feed(&g, voice, 4, changes); // 4 blocks of 10 ms
 *
 * A block is loud when its probability reaches the sensitivity's threshold. Where 4 of 6 blocks are loud, the loud ones
 * among them are speech: shorter clicks are none. The 4 blocks ahead of a block of speech are speech too, as the
 * detector does not look ahead, if they were heard; so are pauses of up to 4 blocks, then. Each of these steps keeps
 * what it had when there are more loud blocks, so at a higher sensitivity there is never less speech.
 *
 * A change is told at most REC_GATE_DELAY blocks after the block it names.
 */
#ifndef REC_GATE_H
#define REC_GATE_H

#include <stddef.h>
#include <stdint.h>

enum {
    REC_GATE_WINDOW = 6, /* blocks in which speech must show */
    REC_GATE_LOUD = 4,   /* of them loud */
    REC_GATE_AHEAD = 4,  /* blocks ahead of speech that are speech too */
    REC_GATE_DELAY = REC_GATE_WINDOW + REC_GATE_AHEAD - 1,
    REC_GATE_BLOCKS = 256, /* most blocks of one feed */
    REC_GATE_CHANGES = 256 /* most changes one feed tells */
};

typedef struct {
    uint64_t block; /* first block of speech, or first block without */
    uint8_t speaking;
} rec_gate_change;

typedef struct {
    uint64_t block;    /* number of the next block */
    uint64_t origin;   /* first block heard since one was left out */
    uint64_t last;     /* newest block of speech, while speaking */
    uint8_t threshold; /* probability x 255 */
    uint8_t speaking, begun;
    uint8_t loud; /* the last 6 blocks, newest in bit 0 */
} rec_gate;

/* The threshold of a sensitivity of 0 .. 100, as probability x 255: 247 at 0, 128 at 44, 10 at 100, straight lines
 * between. -1: out of range or NaN. */
int rec_gate_threshold(double sensitivity);
/* 0, or -1: no sensitivity of 0 .. 100. */
int rec_gate_init(rec_gate *g, double sensitivity);
/* 0: these bytes are a saved rec_gate of this sensitivity; else -1. */
int rec_gate_check(const void *bytes, size_t size, double sensitivity);
/* Go on at block `to_block`, or begin there. Blocks left out count as silence. */
uint32_t rec_gate_skip(rec_gate *g, uint64_t to_block, rec_gate_change changes[REC_GATE_CHANGES]);
/* Hear at most REC_GATE_BLOCKS blocks; returns the number of changes, in order. */
uint32_t rec_gate_feed(rec_gate *g, const uint8_t *voice, uint32_t blocks, rec_gate_change changes[REC_GATE_CHANGES]);

#endif

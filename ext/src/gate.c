#include "gate.h"

#include <string.h>

int rec_gate_threshold(double sensitivity) {
    if (!(sensitivity >= 0.0 && sensitivity <= 100.0))
        return -1;
    double threshold = sensitivity <= 44.0 ? 236.0 - (236.0 - 128.0) / 44.0 * sensitivity
                                           : 128.0 - (128.0 - 10.0) / 56.0 * (sensitivity - 44.0);
    return (int)(threshold + 0.5);
}

int rec_gate_init(rec_gate *g, double sensitivity) {
    int threshold = rec_gate_threshold(sensitivity);
    if (threshold < 0)
        return -1;
    memset(g, 0, sizeof *g);
    g->threshold = (uint8_t)threshold;
    return 0;
}

static uint32_t count_bits(uint32_t bits) {
    uint32_t count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

static uint32_t end(rec_gate *g, rec_gate_change *change) {
    *change = (rec_gate_change){g->last + 1, 0};
    g->speaking = 0;
    return 1;
}

/* The newest window shows speech: its loud blocks join what is spoken already, or begin a new stretch. */
static uint32_t hear_speech(rec_gate *g, rec_gate_change *changes) {
    uint32_t count = 0;
    for (uint32_t age = REC_GATE_WINDOW; age-- > 0;) {
        if ((g->loud >> age & 1) == 0)
            continue;
        uint64_t block = g->block - age;
        if (g->speaking && block > g->last + REC_GATE_AHEAD + 1)
            count += end(g, changes + count);
        if (!g->speaking) {
            uint64_t heard = block - g->origin;
            changes[count++] = (rec_gate_change){block - (heard < REC_GATE_AHEAD ? heard : REC_GATE_AHEAD), 1};
            g->speaking = 1;
            g->last = block;
        }
        g->last = block > g->last ? block : g->last;
    }
    return count;
}

static uint32_t hear_block(rec_gate *g, uint8_t voice, rec_gate_change *changes) {
    uint32_t count = 0;
    g->loud = (uint8_t)((g->loud << 1 | (voice >= g->threshold)) & ((1 << REC_GATE_WINDOW) - 1));
    if (count_bits(g->loud) >= REC_GATE_LOUD)
        count = hear_speech(g, changes);
    /* No window to come reaches back far enough to join this stretch. */
    else if (g->speaking && g->block >= g->last + REC_GATE_WINDOW + REC_GATE_AHEAD)
        count = end(g, changes);
    g->block++;
    return count;
}

uint32_t rec_gate_feed(rec_gate *g, const uint8_t *voice, uint32_t blocks, rec_gate_change changes[REC_GATE_CHANGES]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < blocks; i++)
        count += hear_block(g, voice[i], changes + count);
    return count;
}

uint32_t rec_gate_skip(rec_gate *g, uint64_t to_block, rec_gate_change changes[REC_GATE_CHANGES]) {
    uint32_t count = 0;
    if (!g->begun)
        g->block = to_block;
    if (!g->begun || g->block != to_block)
        g->origin = to_block;
    g->begun = 1;
    /* After so many silent blocks nothing changes any more. */
    for (uint32_t i = 0; i < REC_GATE_WINDOW + REC_GATE_AHEAD && g->block < to_block; i++)
        count += hear_block(g, 0, changes + count);
    g->block = to_block > g->block ? to_block : g->block;
    return count;
}

int rec_gate_check(const void *bytes, size_t size, double sensitivity) {
    rec_gate g;
    if (size != sizeof g)
        return -1;
    memcpy(&g, bytes, sizeof g);
    return g.threshold == rec_gate_threshold(sensitivity) && g.speaking <= 1 && g.begun <= 1 ? 0 : -1;
}

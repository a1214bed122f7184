/* The ring's two logs, anchors and gaps: the last 64 records of each, numbered and checked like a seqlock. */
#include "ring_layout.h"

#include <string.h>

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

void rec_ring_log_put(rec_ring_log *log, const uint64_t word[REC_RING_WORDS]) {
    uint64_t number = LOAD(log->logged) + 1;
    rec_ring_slot *slot = &log->slot[number % REC_RING_SLOTS];
    STORE(slot->number, 0);
    atomic_thread_fence(memory_order_release);
    for (int i = 0; i < REC_RING_WORDS; i++)
        STORE(slot->word[i], word[i]);
    atomic_store_explicit(&slot->number, number, memory_order_release);
    atomic_store_explicit(&log->logged, number, memory_order_release);
}

int rec_ring_log_get(const rec_ring_log *log, uint64_t number, uint64_t word[REC_RING_WORDS]) {
    if (number == 0 || number > atomic_load_explicit(&log->logged, memory_order_acquire))
        return -1;
    const rec_ring_slot *slot = &log->slot[number % REC_RING_SLOTS];
    if (atomic_load_explicit(&slot->number, memory_order_acquire) != number)
        return -2;
    for (int i = 0; i < REC_RING_WORDS; i++)
        word[i] = LOAD(slot->word[i]);
    atomic_thread_fence(memory_order_acquire);
    return LOAD(slot->number) == number ? 0 : -2;
}

void rec_ring_write_anchor(rec_ring_writer *w, const rec_ring_anchor *anchor) {
    uint64_t word[REC_RING_WORDS] = {anchor->frame, (uint64_t)anchor->boottime_ns, (uint64_t)anchor->realtime_ns, 0};
    _Static_assert(sizeof word[3] == sizeof anchor->rate_hz, "a double fills a word");
    memcpy(&word[3], &anchor->rate_hz, sizeof word[3]);
    rec_ring_log_put(&w->header->anchors, word);
}

static int anchor_at(const rec_ring_reader *r, uint64_t number, rec_ring_anchor *anchor) {
    uint64_t word[REC_RING_WORDS];
    int status = rec_ring_log_get(&r->header->anchors, number, word);
    if (status < 0)
        return status;
    anchor->frame = word[0];
    anchor->boottime_ns = (int64_t)word[1];
    anchor->realtime_ns = (int64_t)word[2];
    memcpy(&anchor->rate_hz, &word[3], sizeof word[3]);
    if (!(anchor->rate_hz > 0)) /* no measure yet */
        anchor->rate_hz = r->rate_hz;
    return 0;
}

int rec_ring_anchor_for(const rec_ring_reader *r, uint64_t frame, rec_ring_anchor *anchor) {
    uint64_t newest = atomic_load_explicit(&r->header->anchors.logged, memory_order_acquire);
    rec_ring_anchor older;
    int found = -1;
    for (uint64_t number = newest; number > 0 && anchor_at(r, number, &older) == 0; number--) {
        *anchor = older;
        found = 0;
        if (older.frame <= frame)
            break;
    }
    return found;
}

uint64_t rec_ring_frame_at(const rec_ring_reader *r, int64_t boottime_ns) {
    rec_ring_anchor anchor;
    if (rec_ring_anchor_for(r, UINT64_MAX, &anchor) < 0)
        return rec_ring_head(r);
    double frame = (double)anchor.frame + ((double)boottime_ns - (double)anchor.boottime_ns) * anchor.rate_hz / 1e9;
    return frame > 0 && frame < (double)REC_RING_FRAMES_MAX ? (uint64_t)(frame + 0.5) : 0;
}

int rec_ring_time_of(const rec_ring_reader *r, uint64_t frame, int64_t *boottime_ns, int64_t *realtime_ns) {
    rec_ring_anchor anchor;
    *boottime_ns = *realtime_ns = 0;
    if (rec_ring_anchor_for(r, frame, &anchor) < 0)
        return -1;
    double since_ns = ((double)frame - (double)anchor.frame) * 1e9 / anchor.rate_hz;
    if (!(since_ns > -9e18 && since_ns < 9e18))
        return -1;
    *boottime_ns = (int64_t)((uint64_t)anchor.boottime_ns + (uint64_t)(int64_t)since_ns);
    *realtime_ns = (int64_t)((uint64_t)anchor.realtime_ns + (uint64_t)(int64_t)since_ns);
    return 0;
}

uint64_t rec_ring_gaps_logged(const rec_ring_reader *r) {
    return atomic_load_explicit(&r->header->gaps.logged, memory_order_acquire);
}

int rec_ring_gap_at(const rec_ring_reader *r, uint64_t number, rec_ring_gap *gap) {
    uint64_t word[REC_RING_WORDS];
    int status = rec_ring_log_get(&r->header->gaps, number, word);
    if (status == 0)
        *gap = (rec_ring_gap){.number = number, .start = word[0], .frames = word[1], .cause = (uint32_t)word[2]};
    return status;
}

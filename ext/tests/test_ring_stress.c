/* One writer as fast as it can, four readers, samples that tell which frame they are.
 *
 * Every sample is a hash of its frame number, or 0 in a gap, and which blocks are gaps follows from the frame number
 * too, so a reader can judge alone whatever it is given. Two readers stay close to the head; two ask for the oldest
 * frames, those that the writer is about to overwrite. Exit status 3: a torn read was returned as audio.
 *
 * Under TSan all share one mapping: it sees nothing across two. Its fences are the CPU's own: gcc's TSan knows none.
 */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "ring.h"

#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

enum { READERS = 4, BLOCK = 160, CHANNELS = 2, GAP_EVERY = 97, ANCHOR_EVERY = 5, WHOLE = 3000, TORN = 3, LIMIT_S = 600 };

static rec_ring_writer writer;
static _Atomic int done; /* readers that have seen enough */

typedef struct {
    rec_ring_reader ring;
    int edge; /* asks for the oldest frames */
    uint64_t whole, overtaken, gaps, anchors;
} reader;

static int in_gap(uint64_t frame) {
    return frame / BLOCK % GAP_EVERY == GAP_EVERY - 1;
}

static int16_t sample(uint64_t frame, uint32_t channel) {
    return in_gap(frame) ? 0 : (int16_t)((frame * 4 + channel + 1) * 0x9E3779B97F4A7C15ull >> 48 | 1);
}

static void write_block(uint64_t block) {
    static const uint16_t map[CHANNELS] = {2, 0};
    int16_t pcm[BLOCK * CHANNELS], device[BLOCK * 3];
    uint64_t head = block * BLOCK;
    for (uint64_t f = 0; f < BLOCK; f++)
        for (uint32_t c = 0; c < CHANNELS; c++)
            pcm[f * CHANNELS + c] = device[f * 3 + map[c]] = sample(head + f, c);
    if (block % ANCHOR_EVERY == 0)
        rec_ring_write_anchor(&writer, &(rec_ring_anchor){head, (int64_t)head * 3, (int64_t)head * 5, 8000});
    if (in_gap(head))
        rec_ring_write_gap(&writer, BLOCK, REC_GAP_OVERRUN);
    else if (block % 2)
        rec_ring_write_mapped(&writer, device, BLOCK, 3, map);
    else
        rec_ring_write(&writer, pcm, BLOCK);
}

static void judge_frames(reader *r, uint64_t first) {
    int16_t pcm[BLOCK * CHANNELS];
    int64_t got = rec_ring_read(&r->ring, first, BLOCK, pcm);
    if (got == REC_RING_OVERTAKEN)
        r->overtaken++;
    if (got < 0)
        return;
    for (uint64_t f = 0; f < BLOCK; f++)
        for (uint32_t c = 0; c < CHANNELS; c++)
            if (pcm[f * CHANNELS + c] != sample(first + f, c)) {
                fprintf(stderr, "torn: frame %llu\n", (unsigned long long)(first + f));
                _exit(TORN);
            }
    r->whole++;
}

static void judge_logs(reader *r) {
    rec_ring_gap gap;
    rec_ring_anchor anchor;
    uint64_t logged = rec_ring_gaps_logged(&r->ring), number = logged > 60 ? logged - 60 : logged;
    if (rec_ring_gap_at(&r->ring, number, &gap) == 0) {
        CHECK(gap.number == number && gap.frames == BLOCK && gap.cause == REC_GAP_OVERRUN);
        CHECK(gap.start == ((number - 1) * GAP_EVERY + GAP_EVERY - 1) * BLOCK);
        r->gaps++;
    }
    if (rec_ring_anchor_for(&r->ring, 0, &anchor) == 0) { /* the oldest: the next to be overwritten */
        CHECK(anchor.boottime_ns == (int64_t)anchor.frame * 3 && anchor.realtime_ns == (int64_t)anchor.frame * 5);
        CHECK(anchor.frame % (BLOCK * ANCHOR_EVERY) == 0 && anchor.rate_hz == 8000);
        r->anchors++;
    }
}

static void *read_on(void *argument) {
    reader *r = argument;
    uint64_t next = 0;
    while (r->whole < WHOLE || r->gaps < 100 || r->anchors < 100 || (r->edge && r->overtaken < 100)) {
        uint64_t head = rec_ring_head(&r->ring), oldest = rec_ring_oldest(&r->ring);
        if (r->edge)
            next = oldest;
        else if (next < oldest || next + BLOCK > head)
            next = head < BLOCK ? 0 : head - BLOCK;
        judge_frames(r, next);
        judge_logs(r);
        next += BLOCK;
    }
    atomic_fetch_add(&done, 1);
    return NULL;
}

static void open_reader(reader *r) {
    char why[REC_RING_WHY];
#ifdef __SANITIZE_THREAD__
    (void)why;
    r->ring = rec_ring_view(&writer);
#else
    CHECK(rec_ring_open(&r->ring, scratch("stress.ring"), why) == 0);
#endif
}

int main(void) {
    static reader readers[READERS];
    pthread_t thread[READERS];
    char why[REC_RING_WHY];
    alarm(LIMIT_S);
    CHECK(rec_ring_create(&writer, scratch("stress.ring"), "stress", 8000, CHANNELS, 1, why) == 0);
    for (int i = 0; i < READERS; i++) {
        readers[i].edge = i % 2;
        open_reader(&readers[i]);
        CHECK(pthread_create(&thread[i], NULL, read_on, &readers[i]) == 0);
    }
    for (uint64_t block = 0; atomic_load(&done) < READERS; block++)
        write_block(block);
    for (int i = 0; i < READERS; i++) {
        pthread_join(thread[i], NULL);
        printf("reader %d: %llu whole, %llu overtaken\n", i, (unsigned long long)readers[i].whole,
               (unsigned long long)readers[i].overtaken);
    }
    rec_ring_close_writer(&writer);
}

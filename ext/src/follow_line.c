/* What the follower tells of one line: gaps before their audio, audio, snapshots, losses, silence, the end. */
#define _GNU_SOURCE
#include "follow_line.h"

#include <string.h>
#include <time.h>

enum { SILENT_AFTER_NS = 1000000000, SNAPSHOT_EVERY_S = 1 };

int64_t rec_follow_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void begin_hum(rec_follow_line *line) {
    for (uint32_t p = 0; p < REC_EAR_PARTIES; p++)
        rec_hum_init(&line->hum[p], rec_ring_rate(&line->ring), line->cursor);
}

const char *rec_follow_line_start(rec_follow_line *line, const rec_ring_reader *ring, uint64_t first_frame,
                                  const void *state, size_t state_bytes) {
    uint32_t rate = rec_ring_rate(ring), parties = rec_ring_channels(ring);
    if (rate / REC_FOLLOW_PIECES_PER_S > REC_FOLLOW_PIECE_MAX || parties > REC_EAR_PARTIES || rate < 100)
        return "no ear for this rate or number of channels";
    uint64_t first = state ? first_frame : first_frame - first_frame % (rate / 100);
    if (state && rec_ear_check(state, state_bytes, rate, parties) < 0)
        return "the state is of another version, rate or number of parties";
    if (!state && rec_ear_init(&line->ear, rate, parties, first) < 0)
        return "no ear for this rate or number of channels";
    if (state)
        memcpy(&line->ear, state, sizeof line->ear);
    if (line->ear.head != first)
        return "the state is of another frame";
    uint64_t gaps = rec_ring_gaps_logged(ring);
    line->ring = *ring;
    line->piece = rate / REC_FOLLOW_PIECES_PER_S;
    line->cursor = first;
    begin_hum(line);
    line->next_gap = gaps < REC_RING_SLOTS ? 1 : gaps - REC_RING_SLOTS + 1;
    line->gap_end = 0;
    line->since_ns = rec_follow_now_ns();
    line->snapshot_due = line->silent = line->ended = line->retired = 0;
    return NULL;
}

static void tell(rec_follow_audio *a, const rec_follow_line *line, rec_told told, const void *payload) {
    told.slot = line->slot;
    told.following = line->following;
    rec_queue_put(&a->queue, &told, sizeof told);
    if (payload)
        rec_queue_put(&a->queue, payload, told.payload);
    rec_queue_publish(&a->queue);
}

static void tell_audio(rec_follow_audio *a, const rec_follow_line *line) {
    const rec_heard *h = &a->heard;
    uint32_t parties = line->ring.channels;
    size_t digit_bytes = h->digits * sizeof *h->digit, block_bytes = h->blocks * sizeof *h->block[0];
    rec_told told = {.kind = REC_TOLD_AUDIO,
                     .slot = line->slot,
                     .following = line->following,
                     .payload = (uint32_t)(digit_bytes + parties * block_bytes),
                     .frame = h->head,
                     .judged = h->judged,
                     .first_block = h->first_block,
                     .parties = parties,
                     .blocks = h->blocks,
                     .digits = h->digits};
    rec_queue_put(&a->queue, &told, sizeof told);
    rec_queue_put(&a->queue, h->digit, digit_bytes);
    for (uint32_t p = 0; p < parties; p++)
        rec_queue_put(&a->queue, h->block[p], block_bytes);
    rec_queue_publish(&a->queue);
}

/* Tell the gaps that begin before `end`, as far as they are not heard yet. */
static void tell_gaps(rec_follow_audio *a, rec_follow_line *line, uint64_t end) {
    rec_ring_gap gap;
    for (int status; (status = rec_ring_gap_at(&line->ring, line->next_gap, &gap)) != -1; line->next_gap++) {
        if (status < 0 || gap.start + gap.frames <= line->cursor)
            continue; /* pushed out of the log by 64 younger ones, or heard or lost */
        if (gap.start >= end)
            return;
        uint64_t start = gap.start > line->cursor ? gap.start : line->cursor;
        line->gap_end = gap.start + gap.frames;
        tell(a, line, (rec_told){.kind = REC_TOLD_GAP, .frame = start, .frames = line->gap_end - start}, NULL);
    }
}

/* The writer has lapped us: go on at the oldest 10 ms that the ring still holds. */
static void skip_lost(rec_follow_audio *a, rec_follow_line *line) {
    uint64_t grid = rec_ring_rate(&line->ring) / 100;
    uint64_t to = (rec_ring_oldest(&line->ring) + grid - 1) / grid * grid;
    tell(a, line, (rec_told){.kind = REC_TOLD_LOST, .frame = line->cursor, .frames = to - line->cursor}, NULL);
    rec_ear_init(&line->ear, rec_ring_rate(&line->ring), rec_ring_channels(&line->ring), to);
    line->cursor = to;
    begin_hum(line);
}

/* A snapshot inside a gap would make who goes on from it hear of the gap's rest only: it waits for the gap's end. */
static void tell_snapshot(rec_follow_audio *a, rec_follow_line *line, uint64_t before) {
    uint32_t period = rec_ring_rate(&line->ring) * SNAPSHOT_EVERY_S;
    if (before / period != line->cursor / period)
        line->snapshot_due = 1;
    if (!line->snapshot_due || line->cursor < line->gap_end)
        return;
    line->snapshot_due = 0;
    tell(a, line, (rec_told){.kind = REC_TOLD_SNAPSHOT, .frame = line->cursor, .payload = sizeof line->ear}, &line->ear);
}

/* A line that does not hum is told nothing of. */
static void tell_hum(rec_follow_audio *a, rec_follow_line *line, uint32_t frames) {
    uint32_t parties = rec_ring_channels(&line->ring);
    rec_hummed found[REC_EAR_PARTIES];
    int is_complete = 0, hums = 0;
    for (uint32_t p = 0; p < parties; p++) {
        is_complete = rec_hum_process(&line->hum[p], a->pcm + p, parties, frames, &found[p]);
        hums |= is_complete && found[p].hz;
    }
    if (!hums)
        return;
    uint64_t end = line->cursor - line->hum[0].at;
    tell(a, line,
         (rec_told){.kind = REC_TOLD_HUM, .frame = end, .parties = parties, .payload = parties * sizeof *found}, found);
}

static void hear(rec_follow_audio *a, rec_follow_line *line, uint64_t head) {
    uint64_t before = line->cursor, frames = head - before < line->piece ? head - before : line->piece;
    if (line->silent) {
        line->silent = 0;
        tell(a, line, (rec_told){.kind = REC_TOLD_BACK, .frame = before}, NULL);
    }
    if (rec_ring_read(&line->ring, before, frames, a->pcm) < 0) {
        skip_lost(a, line);
        return;
    }
    tell_gaps(a, line, before + frames);
    rec_ear_hear(&line->ear, a->pcm, (uint32_t)frames, &a->heard);
    line->cursor += frames;
    tell_audio(a, line);
    tell_hum(a, line, (uint32_t)frames);
    tell_snapshot(a, line, before);
}

static int tell_once(rec_follow_audio *a, const rec_follow_line *line, int *told, rec_told what) {
    if (*told)
        return 0;
    *told = 1;
    tell(a, line, what, NULL);
    return 1;
}

static int tell_silence(rec_follow_audio *a, rec_follow_line *line) {
    int64_t last = rec_ring_heartbeat_ns(&line->ring);
    last = last ? last : line->since_ns;
    if (a->now_ns - last < SILENT_AFTER_NS)
        return 0;
    return tell_once(a, line, &line->silent,
                     (rec_told){.kind = REC_TOLD_SILENT, .frame = line->cursor, .boottime_ns = last});
}

int rec_follow_line_step(rec_follow_line *line, rec_follow_audio *a) {
    if (rec_queue_room(&a->queue) < REC_FOLLOW_STEP_BYTES)
        return 0;
    int ended = rec_ring_is_ended(&line->ring), retired = rec_ring_is_retired(&line->ring);
    uint64_t head = rec_ring_head(&line->ring); /* behind the two: where one is set, this is the last head */
    if (head > line->cursor) {
        hear(a, line, head);
        return 1;
    }
    if (ended && !line->ended) {
        rec_ear_flush(&line->ear, &a->heard);
        tell_audio(a, line);
        return tell_once(a, line, &line->ended, (rec_told){.kind = REC_TOLD_ENDED, .frame = line->cursor});
    }
    if (retired)
        return tell_once(a, line, &line->retired, (rec_told){.kind = REC_TOLD_RETIRED, .frame = line->cursor});
    return ended ? 0 : tell_silence(a, line);
}

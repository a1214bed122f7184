/* The passes of the audio thread, and the hand-over of lines to it and back.
 *
 * A slot's `hold` says whose it is: FREE (the owner's), RESTING (followed, no one at it), AT_WORK (the audio thread
 * takes a step), LEAVING (as AT_WORK, and the owner waits for it). The audio thread takes a slot for one step at a
 * time and passes over what it cannot have, so it never waits; the owner waits for one step at most.
 */
#define _GNU_SOURCE
#include "follow.h"

#include "queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)

enum { FREE, RESTING, AT_WORK, LEAVING };
enum { SILENT_AFTER_NS = 1000000000, PIECES_PER_S = 10, SNAPSHOTS_PER_S = 2, FRAMES_MAX = 48000 / PIECES_PER_S };

/* The most that one step can tell: every gap logged, "back", two times audio, "ended", a snapshot. */
enum {
    AUDIO_BYTES = sizeof(((rec_heard *)0)->digit) + sizeof(((rec_heard *)0)->block),
    STEP_BYTES = (REC_RING_SLOTS + 5) * sizeof(rec_told) + 2 * AUDIO_BYTES + sizeof(rec_ear)
};

typedef struct {
    _Atomic uint32_t hold;
    uint32_t number;
    uint32_t following; /* stored by the owner while FREE */
    uint32_t piece;     /* frames heard at once */
    rec_ring_reader ring;
    uint64_t cursor;   /* the first frame not heard yet */
    uint64_t next_gap; /* the number of the first gap not told yet */
    uint64_t gap_end;  /* of the gaps told */
    int64_t added_ns;
    int snapshot_due, silent, ended, retired; /* told already */
    rec_ear ear;
} line_slot;

struct rec_follow {
    rec_queue queue;
    int fd;
    uint32_t slots;
    int64_t now_ns; /* audio thread: CLOCK_BOOTTIME at the beginning of the pass */
    _Atomic uint64_t passes;
    _Atomic uint32_t stopping, running;
    rec_heard heard;                                /* audio thread */
    int16_t pcm[FRAMES_MAX * REC_EAR_PARTIES];      /* audio thread */
    _Alignas(16) uint8_t payload[STEP_BYTES];       /* owner */
    line_slot slot[];
};

static int64_t boottime_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ------------------------------------------------------------ the audio thread */

static void tell(rec_follow *f, const line_slot *s, rec_told told, const void *payload) {
    told.slot = s->number;
    told.following = s->following;
    rec_queue_put(&f->queue, &told, sizeof told);
    if (payload)
        rec_queue_put(&f->queue, payload, told.payload);
    rec_queue_publish(&f->queue);
}

static void tell_audio(rec_follow *f, const line_slot *s) {
    const rec_heard *h = &f->heard;
    uint32_t parties = s->ring.channels;
    size_t digit_bytes = h->digits * sizeof *h->digit, block_bytes = h->blocks * sizeof *h->block[0];
    rec_told told = {.kind = REC_TOLD_AUDIO,
                     .slot = s->number,
                     .following = s->following,
                     .payload = (uint32_t)(digit_bytes + parties * block_bytes),
                     .frame = h->head,
                     .judged = h->judged,
                     .first_block = h->first_block,
                     .parties = parties,
                     .blocks = h->blocks,
                     .digits = h->digits};
    rec_queue_put(&f->queue, &told, sizeof told);
    rec_queue_put(&f->queue, h->digit, digit_bytes);
    for (uint32_t p = 0; p < parties; p++)
        rec_queue_put(&f->queue, h->block[p], block_bytes);
    rec_queue_publish(&f->queue);
}

/* Tell the gaps that begin before `end`, as far as they are not heard yet. */
static void tell_gaps(rec_follow *f, line_slot *s, uint64_t end) {
    rec_ring_gap gap;
    for (int status; (status = rec_ring_gap_at(&s->ring, s->next_gap, &gap)) != -1; s->next_gap++) {
        if (status < 0 || gap.start + gap.frames <= s->cursor)
            continue; /* pushed out of the log by 64 younger ones, or heard or lost */
        if (gap.start >= end)
            return;
        uint64_t start = gap.start > s->cursor ? gap.start : s->cursor;
        s->gap_end = gap.start + gap.frames;
        tell(f, s, (rec_told){.kind = REC_TOLD_GAP, .frame = start, .frames = s->gap_end - start}, NULL);
    }
}

/* The writer has lapped us: go on at the oldest 10 ms that the ring still holds. */
static void skip_lost(rec_follow *f, line_slot *s) {
    uint64_t grid = rec_ring_rate(&s->ring) / 100;
    uint64_t to = (rec_ring_oldest(&s->ring) + grid - 1) / grid * grid;
    tell(f, s, (rec_told){.kind = REC_TOLD_LOST, .frame = s->cursor, .frames = to - s->cursor}, NULL);
    rec_ear_init(&s->ear, rec_ring_rate(&s->ring), rec_ring_channels(&s->ring), to);
    s->cursor = to;
}

/* A snapshot inside a gap would make who goes on from it hear of the gap's rest only: it waits for the gap's end. */
static void tell_snapshot(rec_follow *f, line_slot *s, uint64_t before) {
    uint32_t period = rec_ring_rate(&s->ring) / SNAPSHOTS_PER_S;
    if (before / period != s->cursor / period)
        s->snapshot_due = 1;
    if (!s->snapshot_due || s->cursor < s->gap_end)
        return;
    s->snapshot_due = 0;
    tell(f, s, (rec_told){.kind = REC_TOLD_SNAPSHOT, .frame = s->cursor, .payload = sizeof s->ear}, &s->ear);
}

static void hear(rec_follow *f, line_slot *s, uint64_t head) {
    uint64_t before = s->cursor, frames = head - before < s->piece ? head - before : s->piece;
    if (s->silent) {
        s->silent = 0;
        tell(f, s, (rec_told){.kind = REC_TOLD_BACK, .frame = before}, NULL);
    }
    if (rec_ring_read(&s->ring, before, frames, f->pcm) < 0) {
        skip_lost(f, s);
        return;
    }
    tell_gaps(f, s, before + frames);
    rec_ear_hear(&s->ear, f->pcm, (uint32_t)frames, &f->heard);
    s->cursor += frames;
    tell_audio(f, s);
    tell_snapshot(f, s, before);
}

static int tell_once(rec_follow *f, const line_slot *s, int *told, rec_told what) {
    if (*told)
        return 0;
    *told = 1;
    tell(f, s, what, NULL);
    return 1;
}

static int tell_silence(rec_follow *f, line_slot *s) {
    int64_t last = rec_ring_heartbeat_ns(&s->ring);
    last = last ? last : s->added_ns;
    if (f->now_ns - last < SILENT_AFTER_NS)
        return 0;
    return tell_once(f, s, &s->silent,
                     (rec_told){.kind = REC_TOLD_SILENT, .frame = s->cursor, .boottime_ns = last});
}

/* The next thing about one line. 1: done, there may be more; 0: nothing to do, or no room to tell it. */
static int step(rec_follow *f, line_slot *s) {
    if (rec_queue_room(&f->queue) < STEP_BYTES)
        return 0;
    int ended = rec_ring_is_ended(&s->ring), retired = rec_ring_is_retired(&s->ring);
    uint64_t head = rec_ring_head(&s->ring); /* behind the two: where one is set, this is the last head */
    if (head > s->cursor) {
        hear(f, s, head);
        return 1;
    }
    if (ended && !s->ended) {
        rec_ear_flush(&s->ear, &f->heard);
        tell_audio(f, s);
        return tell_once(f, s, &s->ended, (rec_told){.kind = REC_TOLD_ENDED, .frame = s->cursor});
    }
    if (retired)
        return tell_once(f, s, &s->retired, (rec_told){.kind = REC_TOLD_RETIRED, .frame = s->cursor});
    return ended ? 0 : tell_silence(f, s);
}

static int visit(rec_follow *f, line_slot *s) {
    uint32_t hold = RESTING;
    if (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, AT_WORK, memory_order_acquire,
                                                 memory_order_relaxed))
        return 0;
    int busy = step(f, s);
    hold = AT_WORK;
    if (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, RESTING, memory_order_release,
                                                 memory_order_relaxed))
        atomic_store_explicit(&s->hold, FREE, memory_order_release); /* it was LEAVING */
    return busy;
}

void rec_follow_pass(rec_follow *f) {
    uint64_t before = f->queue.put;
    f->now_ns = boottime_ns();
    for (int busy = 1; busy && !LOAD(f->stopping);) {
        busy = 0;
        for (uint32_t i = 0; i < f->slots; i++) /* a step each in turn: one that is far behind holds up nobody */
            busy |= visit(f, &f->slot[i]);
    }
    if (f->queue.put != before)
        eventfd_write(f->fd, 1);
    atomic_fetch_add_explicit(&f->passes, 1, memory_order_relaxed);
}

int rec_follow_run(rec_follow *f) {
    struct timespec next, now;
    if (atomic_exchange_explicit(&f->running, 1, memory_order_acquire))
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &next);
    while (!LOAD(f->stopping)) {
        rec_follow_pass(f);
        next.tv_nsec += REC_FOLLOW_PASS_MS * 1000000;
        if (next.tv_nsec >= 1000000000) {
            next.tv_nsec -= 1000000000;
            next.tv_sec++;
        }
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > next.tv_sec || (now.tv_sec == next.tv_sec && now.tv_nsec > next.tv_nsec))
            next = now; /* late: no passes to make up for */
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    atomic_store_explicit(&f->running, 0, memory_order_release);
    return 0;
}

/* ------------------------------------------------------------ the owner */

rec_follow *rec_follow_new(uint32_t slots, size_t queue_bytes) {
    if (slots < 1 || slots > REC_FOLLOW_SLOTS_MAX || queue_bytes < STEP_BYTES) {
        errno = EINVAL;
        return NULL;
    }
    size_t bytes = (sizeof(rec_follow) + slots * sizeof(line_slot) + 63) / 64 * 64;
    rec_follow *f = aligned_alloc(64, bytes);
    if (f == NULL)
        return NULL;
    memset(f, 0, bytes);
    f->slots = slots;
    for (uint32_t i = 0; i < slots; i++)
        f->slot[i].number = i;
    f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->fd < 0 || rec_queue_init(&f->queue, queue_bytes) < 0) {
        rec_follow_free(f);
        return NULL;
    }
    return f;
}

void rec_follow_free(rec_follow *f) {
    if (f == NULL)
        return;
    if (f->fd >= 0)
        close(f->fd);
    rec_queue_free(&f->queue);
    free(f);
}

const char *rec_follow_add(rec_follow *f, uint32_t slot, const rec_ring_reader *ring, uint64_t first_frame,
                           const void *state, size_t state_bytes) {
    uint32_t rate = rec_ring_rate(ring), parties = rec_ring_channels(ring);
    if (slot >= f->slots)
        return "no such slot";
    line_slot *s = &f->slot[slot];
    if (atomic_load_explicit(&s->hold, memory_order_acquire) != FREE)
        return "the slot is in use";
    if (rate / PIECES_PER_S > FRAMES_MAX || parties > REC_EAR_PARTIES)
        return "no ear for this rate or number of channels";
    uint64_t first = state ? first_frame : first_frame - first_frame % (rate < 100 ? 1 : rate / 100);
    if (state && rec_ear_check(state, state_bytes, rate, parties) < 0)
        return "the state is of another version, rate or number of parties";
    if (!state && rec_ear_init(&s->ear, rate, parties, first) < 0)
        return "no ear for this rate or number of channels";
    if (state)
        memcpy(&s->ear, state, sizeof s->ear);
    if (s->ear.head != first)
        return "the state is of another frame";
    uint64_t gaps = rec_ring_gaps_logged(ring);
    s->ring = *ring;
    s->piece = rate / PIECES_PER_S;
    s->cursor = first;
    s->next_gap = gaps < REC_RING_SLOTS ? 1 : gaps - REC_RING_SLOTS + 1;
    s->gap_end = 0;
    s->added_ns = boottime_ns();
    s->snapshot_due = s->silent = s->ended = s->retired = 0;
    atomic_store_explicit(&s->hold, RESTING, memory_order_release);
    return NULL;
}

int rec_follow_remove(rec_follow *f, uint32_t slot) {
    if (slot >= f->slots || LOAD(f->slot[slot].hold) == FREE)
        return -1;
    line_slot *s = &f->slot[slot];
    const struct timespec moment = {.tv_nsec = 200000};
    uint32_t hold = RESTING; /* each failure says what it is instead: RESTING or AT_WORK, no third */
    while (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, hold == RESTING ? FREE : LEAVING,
                                                    memory_order_acquire, memory_order_relaxed))
        continue;
    while (atomic_load_explicit(&s->hold, memory_order_acquire) != FREE)
        nanosleep(&moment, NULL);
    s->following++;
    return 0;
}

int rec_follow_next(rec_follow *f, rec_told *told, const void **payload) {
    while (rec_queue_waiting(&f->queue) > 0) {
        rec_queue_take(&f->queue, told, sizeof *told);
        rec_queue_take(&f->queue, f->payload, told->payload);
        *payload = f->payload;
        if (told->following == f->slot[told->slot].following)
            return 1; /* else it was told before the slot was given up */
    }
    return 0;
}

int rec_follow_fd(const rec_follow *f) {
    return f->fd;
}

void rec_follow_seen(rec_follow *f) {
    eventfd_t kicks;
    eventfd_read(f->fd, &kicks); /* without a kick there is nothing to reset */
}

uint64_t rec_follow_passes(const rec_follow *f) {
    return LOAD(f->passes);
}

void rec_follow_stop(rec_follow *f) {
    atomic_store_explicit(&f->stopping, 1, memory_order_relaxed);
}

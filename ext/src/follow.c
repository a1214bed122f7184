/* The passes of the audio thread, and the hand-over of lines to it and back.
 *
 * A slot's `hold` says whose it is: FREE (the owner's), RESTING (followed, no one at it), AT_WORK (the audio thread
 * takes a step), LEAVING (as AT_WORK, and the owner waits for it). The audio thread takes a slot for one step at a
 * time and passes over what it cannot have, so it never waits; the owner waits for one step at most.
 */
#define _GNU_SOURCE
#include "follow.h"

#include "follow_line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)

enum { FREE, RESTING, AT_WORK, LEAVING };

typedef struct {
    _Atomic uint32_t hold;
    rec_follow_line line;
} follow_slot;

struct rec_follow {
    rec_follow_audio audio;
    int fd;
    uint32_t slots;
    _Atomic uint64_t passes;
    _Atomic uint32_t stopping, running;
    _Alignas(16) uint8_t payload[REC_FOLLOW_STEP_BYTES]; /* owner */
    follow_slot slot[];
};

/* ------------------------------------------------------------ the audio thread */

/* Take a step of a line, if it can be had. */
static int visit(rec_follow *f, follow_slot *s) {
    uint32_t hold = RESTING;
    if (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, AT_WORK, memory_order_acquire,
                                                 memory_order_relaxed))
        return 0;
    int busy = rec_follow_line_step(&s->line, &f->audio);
    hold = AT_WORK;
    if (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, RESTING, memory_order_release,
                                                 memory_order_relaxed))
        atomic_store_explicit(&s->hold, FREE, memory_order_release); /* it was LEAVING */
    return busy;
}

void rec_follow_pass(rec_follow *f) {
    uint64_t before = f->audio.queue.put;
    f->audio.now_ns = rec_follow_now_ns();
    for (int busy = 1; busy && !LOAD(f->stopping);) {
        busy = 0;
        for (uint32_t i = 0; i < f->slots; i++) /* a step each in turn: one that is far behind holds up nobody */
            busy |= visit(f, &f->slot[i]);
    }
    if (f->audio.queue.put != before)
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
    if (slots < 1 || slots > REC_FOLLOW_SLOTS_MAX || queue_bytes < REC_FOLLOW_STEP_BYTES) {
        errno = EINVAL;
        return NULL;
    }
    size_t bytes = (sizeof(rec_follow) + slots * sizeof(follow_slot) + 63) / 64 * 64;
    rec_follow *f = aligned_alloc(64, bytes);
    if (f == NULL)
        return NULL;
    memset(f, 0, bytes);
    f->slots = slots;
    for (uint32_t i = 0; i < slots; i++)
        f->slot[i].line.slot = i;
    f->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (f->fd < 0 || rec_queue_init(&f->audio.queue, queue_bytes) < 0) {
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
    rec_queue_free(&f->audio.queue);
    free(f);
}

const char *rec_follow_add(rec_follow *f, uint32_t slot, const rec_ring_reader *ring, uint64_t first_frame,
                           const void *state, size_t state_bytes) {
    if (slot >= f->slots)
        return "no such slot";
    follow_slot *s = &f->slot[slot];
    if (atomic_load_explicit(&s->hold, memory_order_acquire) != FREE)
        return "the slot is in use";
    const char *why = rec_follow_line_start(&s->line, ring, first_frame, state, state_bytes);
    if (why == NULL)
        atomic_store_explicit(&s->hold, RESTING, memory_order_release);
    return why;
}

int rec_follow_remove(rec_follow *f, uint32_t slot) {
    if (slot >= f->slots || LOAD(f->slot[slot].hold) == FREE)
        return -1;
    follow_slot *s = &f->slot[slot];
    const struct timespec moment = {.tv_nsec = 200000};
    uint32_t hold = RESTING; /* each failure says what it is instead: RESTING or AT_WORK, no third */
    while (!atomic_compare_exchange_strong_explicit(&s->hold, &hold, hold == RESTING ? FREE : LEAVING,
                                                    memory_order_acquire, memory_order_relaxed))
        continue;
    while (atomic_load_explicit(&s->hold, memory_order_acquire) != FREE)
        nanosleep(&moment, NULL);
    s->line.following++;
    return 0;
}

int rec_follow_next(rec_follow *f, rec_told *told, const void **payload) {
    while (rec_queue_waiting(&f->audio.queue) > 0) {
        rec_queue_take(&f->audio.queue, told, sizeof *told);
        rec_queue_take(&f->audio.queue, f->payload, told->payload);
        *payload = f->payload;
        if (told->following == f->slot[told->slot].line.following)
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

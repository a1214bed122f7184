/* The ring's protocol: how frames get in and out without a lock. The files themselves are in ring_file.c.
 *
 * The writer first raises `reserve` over the frames it is about to overwrite, then stores the data, then moves `head`.
 * A reader copies, then looks at `reserve`: a frame is whole if the ring has not been reserved past it.
 *
 *     writer                                    reader
 *     reserve = head + n        (relaxed)       head                      (acquire)
 *     fence                     (release)       data                      (relaxed)
 *     data                      (relaxed)       fence                     (acquire)
 *     head = head + n           (release)       first + capacity >= reserve ?
 *
 * If the reader saw any datum of a write, its fence makes it see that write's reserve too; looking at `head` instead
 * would let a write in progress through. Data are relaxed atomics, since both sides may touch one sample at once.
 */
#define _GNU_SOURCE /* clock_gettime beside -std=c11 */
#include "ring.h"

#include "ring_layout.h"

#include <time.h>

#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)
#define STORE(field, value) atomic_store_explicit(&(field), (value), memory_order_relaxed)

static void raise_reserve(rec_ring_writer *w, uint64_t end) {
    if (end > LOAD(w->header->reserve)) /* a writer that died may have left it higher */
        STORE(w->header->reserve, end);
}

/* Open `frames` behind the head for storing: from here on readers take what they overwrite for lost. */
static uint64_t begin_write(rec_ring_writer *w, uint64_t frames) {
    uint64_t head = LOAD(w->header->head);
#ifdef REC_RING_TEST_LATE_RESERVE /* the stress test must see torn audio when this comes too late */
    (void)frames;
#else
    raise_reserve(w, head + frames);
#endif
#ifndef REC_RING_TEST_NO_FENCE /* the check of the ARM build must see it missing */
    atomic_thread_fence(memory_order_release);
#endif
    return head;
}

static void end_write(rec_ring_writer *w, uint64_t head) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    STORE(w->header->heartbeat_ns, (int64_t)now.tv_sec * 1000000000 + now.tv_nsec);
#ifdef REC_RING_TEST_LATE_RESERVE
    raise_reserve(w, head);
#endif
    atomic_store_explicit(&w->header->head, head, memory_order_release);
}

/* Where frame `first` stands, as a sample index, and how many frames follow it before the ring wraps. */
static uint64_t place(uint64_t capacity, uint32_t channels, uint64_t first, uint64_t frames, uint64_t *run) {
    uint64_t slot = first % capacity;
    *run = frames < capacity - slot ? frames : capacity - slot;
    return slot * channels;
}

void rec_ring_write(rec_ring_writer *w, const int16_t *pcm, uint64_t frames) {
    uint64_t head = begin_write(w, frames);
    uint64_t skip = frames > w->capacity ? frames - w->capacity : 0;
    pcm += skip * w->channels;
    for (uint64_t at = head + skip, run; at < head + frames; at += run) {
        _Atomic int16_t *to = w->data + place(w->capacity, w->channels, at, head + frames - at, &run);
        for (uint64_t i = 0; i < run * w->channels; i++)
            STORE(to[i], pcm[i]);
        pcm += run * w->channels;
    }
    end_write(w, head + frames);
}

void rec_ring_write_mapped(rec_ring_writer *w, const int16_t *pcm, uint64_t frames, uint32_t device_channels,
                           const uint16_t *map) {
    uint64_t head = begin_write(w, frames);
    uint64_t skip = frames > w->capacity ? frames - w->capacity : 0;
    pcm += skip * device_channels;
    for (uint64_t at = head + skip, run; at < head + frames; at += run) {
        _Atomic int16_t *to = w->data + place(w->capacity, w->channels, at, head + frames - at, &run);
        for (uint64_t f = 0; f < run; f++, pcm += device_channels)
            for (uint32_t c = 0; c < w->channels; c++)
                STORE(to[f * w->channels + c], pcm[map[c]]);
    }
    end_write(w, head + frames);
}

static void write_silence(rec_ring_writer *w, uint64_t frames) {
    uint64_t head = begin_write(w, frames);
    uint64_t skip = frames > w->capacity ? frames - w->capacity : 0;
    for (uint64_t at = head + skip, run; at < head + frames; at += run) {
        _Atomic int16_t *to = w->data + place(w->capacity, w->channels, at, head + frames - at, &run);
        for (uint64_t i = 0; i < run * w->channels; i++)
            STORE(to[i], 0);
    }
    end_write(w, head + frames);
}

void rec_ring_write_gap(rec_ring_writer *w, uint64_t frames, enum rec_ring_cause cause) {
    if (frames == 0)
        return;
    const uint64_t word[REC_RING_WORDS] = {LOAD(w->header->head), frames, cause, 0};
    rec_ring_log_put(&w->header->gaps, word);
    write_silence(w, frames);
}

void rec_ring_finish_gap(rec_ring_writer *w) {
    uint64_t word[REC_RING_WORDS], head = LOAD(w->header->head);
    if (rec_ring_log_get(&w->header->gaps, LOAD(w->header->gaps.logged), word) == 0 && word[0] + word[1] > head)
        write_silence(w, word[0] + word[1] - head);
}

void rec_ring_set_ended(rec_ring_writer *w) {
    atomic_store_explicit(&w->header->ended, 1, memory_order_release);
}

void rec_ring_set_retired(rec_ring_writer *w) {
    atomic_store_explicit(&w->header->retired, 1, memory_order_release);
}

uint64_t rec_ring_writer_head(const rec_ring_writer *w) {
    return LOAD(w->header->head);
}

rec_ring_reader rec_ring_view(const rec_ring_writer *w) {
    return (rec_ring_reader){.header = w->header,
                             .data = w->data,
                             .capacity = w->capacity,
                             .channels = w->channels,
                             .rate_hz = w->header->rate_hz,
                             .bytes = w->bytes};
}

int64_t rec_ring_read(const rec_ring_reader *r, uint64_t first, uint64_t frames, int16_t *pcm) {
    uint64_t head = rec_ring_head(r);
    if (first > head || frames > head - first)
        return REC_RING_AHEAD;
    if (first + r->capacity < LOAD(r->header->reserve)) /* also: more frames than the ring holds */
        return REC_RING_OVERTAKEN;
    for (uint64_t at = first, run; at < first + frames; at += run) {
        const _Atomic int16_t *from = r->data + place(r->capacity, r->channels, at, first + frames - at, &run);
        for (uint64_t i = 0; i < run * r->channels; i++)
            pcm[i] = LOAD(from[i]);
        pcm += run * r->channels;
    }
#ifndef REC_RING_TEST_NO_FENCE
    atomic_thread_fence(memory_order_acquire);
#endif
    return first + r->capacity < LOAD(r->header->reserve) ? REC_RING_OVERTAKEN : (int64_t)frames;
}

uint64_t rec_ring_head(const rec_ring_reader *r) {
    return atomic_load_explicit(&r->header->head, memory_order_acquire);
}

uint64_t rec_ring_oldest(const rec_ring_reader *r) {
    uint64_t reserve = LOAD(r->header->reserve);
    return reserve > r->capacity ? reserve - r->capacity : 0;
}

int64_t rec_ring_heartbeat_ns(const rec_ring_reader *r) {
    return LOAD(r->header->heartbeat_ns);
}

int rec_ring_is_ended(const rec_ring_reader *r) {
    return atomic_load_explicit(&r->header->ended, memory_order_acquire) != 0;
}

int rec_ring_is_retired(const rec_ring_reader *r) {
    return atomic_load_explicit(&r->header->retired, memory_order_acquire) != 0;
}

uint32_t rec_ring_rate(const rec_ring_reader *r) {
    return r->rate_hz;
}

uint32_t rec_ring_channels(const rec_ring_reader *r) {
    return r->channels;
}

uint64_t rec_ring_capacity(const rec_ring_reader *r) {
    return r->capacity;
}

uint64_t rec_ring_epoch(const rec_ring_reader *r) {
    return r->header->epoch;
}

const char *rec_ring_line(const rec_ring_reader *r) {
    return r->header->line;
}

/* One producer, one consumer: each side stores its own count with release and reads the other's with acquire. */
#include "queue.h"

#include <stdlib.h>
#include <string.h>

int rec_queue_init(rec_queue *q, size_t capacity) {
    memset(q, 0, sizeof *q);
    q->capacity = capacity;
    q->bytes = malloc(capacity);
    return q->bytes ? 0 : -1;
}

void rec_queue_free(rec_queue *q) {
    free(q->bytes);
    q->bytes = NULL;
}

uint64_t rec_queue_room(const rec_queue *q) {
    return q->capacity - (q->put - atomic_load_explicit(&q->taken, memory_order_acquire));
}

void rec_queue_put(rec_queue *q, const void *bytes, size_t size) {
    size_t at = q->put % q->capacity, run = size < q->capacity - at ? size : q->capacity - at;
    memcpy(q->bytes + at, bytes, run);
    memcpy(q->bytes, (const uint8_t *)bytes + run, size - run);
    q->put += size;
}

void rec_queue_publish(rec_queue *q) {
    atomic_store_explicit(&q->published, q->put, memory_order_release);
}

uint64_t rec_queue_waiting(const rec_queue *q) {
    return atomic_load_explicit(&q->published, memory_order_acquire) -
           atomic_load_explicit(&q->taken, memory_order_relaxed);
}

void rec_queue_take(rec_queue *q, void *bytes, size_t size) {
    uint64_t taken = atomic_load_explicit(&q->taken, memory_order_relaxed);
    size_t at = taken % q->capacity, run = size < q->capacity - at ? size : q->capacity - at;
    memcpy(bytes, q->bytes + at, run);
    memcpy((uint8_t *)bytes + run, q->bytes, size - run);
    atomic_store_explicit(&q->taken, taken + size, memory_order_release);
}

/* A queue of bytes from one thread to one other; neither ever waits.
 *
 *     if (rec_queue_room(q) >= sizeof head + size) {    // the producer
 *         rec_queue_put(q, &head, sizeof head);
 *         rec_queue_put(q, body, size);
 *         rec_queue_publish(q);                         // both together
 *     }
 *     if (rec_queue_waiting(q) > 0) {                   // the consumer finds whole publications only
 *         rec_queue_take(q, &head, sizeof head);
 *         rec_queue_take(q, body, head.size);
 *     }
 */
#ifndef REC_QUEUE_H
#define REC_QUEUE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t *bytes;
    uint64_t capacity;
    uint64_t put;                            /* producer: bytes put so far, published or not */
    _Alignas(64) _Atomic uint64_t published; /* stored by the producer */
    _Alignas(64) _Atomic uint64_t taken;     /* stored by the consumer */
} rec_queue;

int rec_queue_init(rec_queue *q, size_t capacity); /* 0, or -1: no memory */
void rec_queue_free(rec_queue *q);

/* Producer: what can be put before it is full; put no more than that. */
uint64_t rec_queue_room(const rec_queue *q);
void rec_queue_put(rec_queue *q, const void *bytes, size_t size);
void rec_queue_publish(rec_queue *q);

/* Consumer: what can be taken; take no more than that. */
uint64_t rec_queue_waiting(const rec_queue *q);
void rec_queue_take(rec_queue *q, void *bytes, size_t size);

#endif

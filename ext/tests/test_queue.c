/* The byte queue: full, empty, wrapped at every place; and between two threads. */
#include "check.h"

#include "queue.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>

enum { RECORDS = 200000 };

static void test_bytes_come_out_as_they_went_in_at_every_wrap(void) {
    rec_queue q;
    CHECK(rec_queue_init(&q, 13) == 0);
    for (unsigned round = 0; round < 1000; round++) {
        uint8_t in[13], out[13];
        size_t size = round % 14;
        memset(in, (int)round, sizeof in);
        CHECK(rec_queue_room(&q) == 13 && rec_queue_waiting(&q) == 0);
        rec_queue_put(&q, in, size);
        CHECK(rec_queue_room(&q) == 13 - size && rec_queue_waiting(&q) == 0);
        rec_queue_publish(&q);
        CHECK(rec_queue_waiting(&q) == size);
        rec_queue_take(&q, out, size);
        CHECK(memcmp(in, out, size) == 0);
    }
    rec_queue_free(&q);
}

static void *produce(void *argument) {
    rec_queue *q = argument;
    for (uint32_t i = 0; i < RECORDS;) {
        if (rec_queue_room(q) < sizeof i + i % 7) {
            sched_yield();
            continue;
        }
        rec_queue_put(q, &i, sizeof i);
        rec_queue_put(q, "abcdefg", i % 7);
        rec_queue_publish(q);
        i++;
    }
    return NULL;
}

static void test_publications_arrive_whole_and_in_order(void) {
    rec_queue q;
    pthread_t producer;
    CHECK(rec_queue_init(&q, 101) == 0);
    CHECK(pthread_create(&producer, NULL, produce, &q) == 0);
    for (uint32_t i = 0, got; i < RECORDS;) {
        char rest[7];
        if (rec_queue_waiting(&q) == 0) {
            sched_yield();
            continue;
        }
        rec_queue_take(&q, &got, sizeof got);
        rec_queue_take(&q, rest, got % 7);
        CHECK(got == i && memcmp(rest, "abcdefg", got % 7) == 0);
        i++;
    }
    pthread_join(producer, NULL);
    rec_queue_free(&q);
}

int main(void) {
    test_bytes_come_out_as_they_went_in_at_every_wrap();
    test_publications_arrive_whole_and_in_order();
}

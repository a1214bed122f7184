/* The follower with all its threads: a writer in real haste, the audio thread, and an owner that takes a line out and
 * puts it in again all the time. For TSan, ring and reader share one mapping. */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "follow.h"

#include <poll.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

enum { RATE = 8000, BLOCK = 80, HAND_OVERS = 100, LIMIT_S = 600 };

static rec_ring_writer w;
static rec_follow *f;
static _Atomic int writing = 1;

static void *write_on(void *unused) {
    int16_t pcm[BLOCK];
    const struct timespec moment = {.tv_nsec = 100000};
    for (int k = 0; atomic_load(&writing); k++) {
        for (int i = 0; i < BLOCK; i++)
            pcm[i] = (int16_t)(k * i);
        if (k % 50 == 49)
            rec_ring_write_gap(&w, BLOCK, REC_GAP_OVERRUN);
        rec_ring_write(&w, pcm, BLOCK);
        nanosleep(&moment, NULL); /* 100 times real time */
    }
    return unused;
}

static void *run(void *unused) {
    CHECK(rec_follow_run(f) == 0);
    return unused;
}

/* Take results of line `slot` until one of audio; heads only grow. Others' are counted as they come. */
static void wait_for_audio(uint32_t slot, uint64_t head[2]) {
    rec_told told;
    const void *payload;
    for (int heard = 0; !heard;) {
        struct pollfd fd = {.fd = rec_follow_fd(f), .events = POLLIN};
        CHECK(poll(&fd, 1, 20000) == 1);
        rec_follow_seen(f);
        while (rec_follow_next(f, &told, &payload)) {
            if (told.kind != REC_TOLD_AUDIO)
                continue;
            CHECK(told.frame > head[told.slot] && told.judged <= told.frame);
            head[told.slot] = told.frame;
            heard |= told.slot == slot;
        }
    }
}

int main(void) {
    char why[REC_RING_WHY];
    pthread_t writer, audio;
    uint64_t head[2] = {0};
    alarm(LIMIT_S);
    CHECK(rec_ring_create(&w, scratch("line.ring"), "line", RATE, 1, 30 * RATE, why) == 0);
    rec_ring_reader r = rec_ring_view(&w);
    CHECK((f = rec_follow_new(2, 1 << 20)) != NULL);
    CHECK(rec_follow_add(f, 0, &r, 0, NULL, 0) == NULL);
    CHECK(pthread_create(&writer, NULL, write_on, NULL) == 0 && pthread_create(&audio, NULL, run, NULL) == 0);
    for (int i = 0; i < HAND_OVERS; i++) {
        uint64_t from = rec_ring_head(&r);
        head[1] = 0;
        CHECK(rec_follow_add(f, 1, &r, from, NULL, 0) == NULL);
        if (i % 4 != 0)
            wait_for_audio(1, head); /* else taken out again at once */
        CHECK(rec_follow_remove(f, 1) == 0);
    }
    wait_for_audio(0, head);
    CHECK(rec_follow_run(f) == -1);
    atomic_store(&writing, 0);
    rec_follow_stop(f);
    pthread_join(writer, NULL);
    pthread_join(audio, NULL);
    rec_follow_free(f);
    rec_ring_close_writer(&w);
}

/* The follower, its passes made by hand: what it tells of each thing that can happen to a ring, and in which order. */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "follow.h"
#include "ring_layout.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>

enum { RATE = 8000, RING = 5 * RATE, PIECE = RATE / 10, GRID = RATE / 100 };

static rec_ring_writer w;
static rec_ring_reader r;
static rec_follow *f;
static rec_told told;
static const void *payload;

static void start(uint32_t channels, uint64_t first_frame) {
    char why[REC_RING_WHY];
    unlink(scratch("line.ring"));
    CHECK(rec_ring_create(&w, scratch("line.ring"), "line", RATE, channels, RING, why) == 0);
    CHECK(rec_ring_open(&r, scratch("line.ring"), why) == 0);
    f = rec_follow_new(4, 1 << 20);
    CHECK(f != NULL && rec_follow_add(f, 1, &r, first_frame, NULL, 0) == NULL);
}

static void stop(void) {
    rec_follow_free(f);
    rec_ring_close_reader(&r);
    rec_ring_close_writer(&w);
}

static void write_noise(uint64_t frames) {
    static uint32_t state = 1;
    int16_t block[2 * 160];
    while (frames > 0) {
        uint64_t part = frames < 160 ? frames : 160;
        for (size_t i = 0; i < sizeof block / sizeof *block; i++)
            block[i] = (int16_t)((state = state * 1664525 + 1013904223) >> 18);
        rec_ring_write(&w, block, part);
        frames -= part;
    }
}

static int next_is(uint32_t kind) {
    return rec_follow_next(f, &told, &payload) && told.kind == kind && told.slot == 1;
}

/* The next result that is no snapshot is audio up to `head`. */
static int hears(uint64_t head) {
    while (next_is(REC_TOLD_SNAPSHOT))
        continue;
    return told.kind == REC_TOLD_AUDIO && told.frame == head && told.judged <= head && told.judged + PIECE >= head;
}

static int nothing_waits(void) {
    return !rec_follow_next(f, &told, &payload);
}

static int readable(void) {
    struct pollfd fd = {.fd = rec_follow_fd(f), .events = POLLIN};
    return poll(&fd, 1, 0);
}

static void test_audio_is_heard_in_pieces_of_100_ms(void) {
    start(2, 0);
    rec_follow_pass(f);
    CHECK(nothing_waits() && !readable() && rec_follow_passes(f) == 1);
    write_noise(2 * PIECE + 5);
    rec_follow_pass(f);
    CHECK(readable());
    rec_follow_seen(f);
    CHECK(!readable() && hears(PIECE) && told.parties == 2);
    CHECK(told.payload == told.digits * sizeof(rec_digit) + 2 * told.blocks * sizeof(rec_block));
    CHECK(hears(2 * PIECE) && hears(2 * PIECE + 5) && nothing_waits());
    stop();
}

static void test_following_begins_on_the_grid(void) {
    start(1, 3 * GRID + 7);
    write_noise(PIECE);
    rec_follow_pass(f);
    CHECK(hears(PIECE) && told.parties == 1 && (told.blocks == 0 || told.first_block == 3));
    stop();
}

static void test_gap_is_told_before_its_audio(void) {
    start(1, 0);
    write_noise(PIECE);
    rec_ring_write_gap(&w, 3 * PIECE, REC_GAP_DEVICE);
    rec_ring_write_gap(&w, 10, REC_GAP_OVERRUN);
    write_noise(10);
    rec_follow_pass(f);
    CHECK(hears(PIECE));
    CHECK(next_is(REC_TOLD_GAP) && told.frame == PIECE && told.frames == 3 * PIECE);
    CHECK(hears(2 * PIECE) && hears(3 * PIECE) && hears(4 * PIECE));
    CHECK(next_is(REC_TOLD_GAP) && told.frame == 4 * PIECE && told.frames == 10);
    CHECK(hears(4 * PIECE + 20) && nothing_waits());
    stop();
}

static void test_gap_begun_before_us_is_told_from_where_we_begin(void) {
    start(1, 0);
    rec_ring_write_gap(&w, PIECE, REC_GAP_DEVICE);
    rec_ring_write_gap(&w, 2 * PIECE, REC_GAP_DEVICE);
    CHECK(rec_follow_remove(f, 1) == 0 && rec_follow_add(f, 1, &r, 2 * PIECE, NULL, 0) == NULL);
    rec_follow_pass(f);
    CHECK(next_is(REC_TOLD_GAP) && told.frame == 2 * PIECE && told.frames == PIECE);
    CHECK(hears(3 * PIECE) && nothing_waits());
    stop();
}

static void test_overtaken_line_goes_on_behind_the_loss(void) {
    start(1, 0);
    write_noise(PIECE);
    rec_follow_pass(f);
    CHECK(hears(PIECE));
    write_noise(2 * w.capacity + 3);
    rec_follow_pass(f);
    uint64_t begin = (rec_ring_oldest(&r) + GRID - 1) / GRID * GRID;
    CHECK(next_is(REC_TOLD_LOST) && told.frame == PIECE && told.frame + told.frames == begin);
    CHECK(hears(begin + PIECE) && (told.blocks == 0 || told.first_block == begin / GRID));
    stop();
}

static void test_gap_longer_than_the_ring_is_lost_then_gap(void) {
    start(1, 0);
    rec_ring_write_gap(&w, 3 * w.capacity, REC_GAP_RESTART);
    rec_follow_pass(f);
    CHECK(next_is(REC_TOLD_LOST) && told.frame == 0 && told.frames >= 2 * w.capacity);
    uint64_t begin = told.frames;
    CHECK(next_is(REC_TOLD_GAP) && told.frame == begin && told.frame + told.frames == 3 * w.capacity);
    CHECK(hears(begin + PIECE));
    stop();
}

static void test_full_queue_leaves_audio_in_the_ring(void) {
    size_t bytes = 1;
    uint64_t heard = 0;
    start(2, 0);
    rec_follow_free(f);
    while ((f = rec_follow_new(4, bytes)) == NULL) {
        CHECK(errno == EINVAL);
        bytes++;
    }
    CHECK(rec_follow_add(f, 1, &r, 0, NULL, 0) == NULL);
    write_noise(RING);
    for (int passes = 0; heard < RING; passes++) {
        CHECK(passes < RING);
        rec_follow_pass(f);
        while (rec_follow_next(f, &told, &payload)) {
            CHECK(told.kind == REC_TOLD_AUDIO || told.kind == REC_TOLD_SNAPSHOT);
            CHECK(told.frame == (told.kind == REC_TOLD_AUDIO ? heard + PIECE : heard));
            heard = told.frame;
        }
    }
    stop();
}

static void test_silence_is_told_once_and_its_end(void) {
    start(1, 0);
    write_noise(10);
    rec_follow_pass(f);
    CHECK(hears(10) && nothing_waits());
    int64_t last = rec_ring_heartbeat_ns(&r) - 1100000000;
    atomic_store(&w.header->heartbeat_ns, last); /* as if it were 1.1 s ago */
    rec_follow_pass(f);
    rec_follow_pass(f);
    CHECK(next_is(REC_TOLD_SILENT) && told.frame == 10 && told.boottime_ns == last && nothing_waits());
    rec_ring_write_gap(&w, 20, REC_GAP_DEVICE);
    write_noise(1);
    rec_follow_pass(f);
    CHECK(next_is(REC_TOLD_BACK) && told.frame == 10 && next_is(REC_TOLD_GAP) && hears(31) && nothing_waits());
    write_noise(1);
    rec_follow_pass(f);
    CHECK(hears(32) && nothing_waits());
    stop();
}

static void test_end_flushes_then_retirement_is_told(void) {
    start(1, 0);
    write_noise(PIECE + 33);
    rec_ring_set_ended(&w);
    rec_follow_pass(f);
    CHECK(hears(PIECE) && hears(PIECE + 33));
    CHECK(hears(PIECE + 33) && told.judged == PIECE + 33);
    CHECK(next_is(REC_TOLD_ENDED) && told.frame == PIECE + 33 && nothing_waits());
    atomic_store(&w.header->heartbeat_ns, 1); /* an ended line is silent without a word */
    rec_ring_set_retired(&w);
    rec_follow_pass(f);
    rec_follow_pass(f);
    CHECK(next_is(REC_TOLD_RETIRED) && told.frame == PIECE + 33 && nothing_waits());
    stop();
}

static void test_snapshot_comes_each_second_behind_its_audio(void) {
    uint64_t head = 0, snapshots = 0;
    start(2, 0);
    write_noise(RING);
    rec_follow_pass(f);
    while (rec_follow_next(f, &told, &payload)) {
        if (told.kind == REC_TOLD_SNAPSHOT) {
            CHECK(told.frame == head && told.frame == ++snapshots * RATE);
            CHECK(rec_ear_check(payload, told.payload, RATE, 2) == 0);
        }
        head = told.frame;
    }
    CHECK(snapshots == 5);
    stop();
}

static void test_snapshot_waits_for_the_end_of_a_gap(void) {
    start(1, 0);
    write_noise(RATE - PIECE);
    rec_ring_write_gap(&w, 3 * PIECE, REC_GAP_DEVICE);
    rec_follow_pass(f);
    for (int others = 0; !next_is(REC_TOLD_SNAPSHOT); others++)
        CHECK(others < 100);
    CHECK(told.frame == RATE + 2 * PIECE && nothing_waits());
    stop();
}

/* Follow from the first snapshot on again: the last snapshot is the same, to the byte. */
static void test_resumed_ear_hears_the_same(void) {
    static _Alignas(16) char first[sizeof(rec_ear)], last[sizeof(rec_ear)];
    uint64_t first_frame = 0, last_frame = 0;
    start(2, 0);
    write_noise(RING);
    rec_follow_pass(f);
    while (rec_follow_next(f, &told, &payload))
        if (told.kind == REC_TOLD_SNAPSHOT) {
            memcpy(first_frame ? last : first, payload, told.payload);
            *(first_frame ? &last_frame : &first_frame) = told.frame;
        }
    CHECK(rec_follow_remove(f, 1) == 0);
    CHECK(rec_follow_add(f, 1, &r, first_frame + 1, first, sizeof first) != NULL);
    CHECK(rec_follow_add(f, 1, &r, first_frame, first, sizeof first - 1) != NULL);
    CHECK(rec_follow_add(f, 1, &r, first_frame, first, sizeof first) == NULL);
    rec_follow_pass(f);
    int same = 0;
    while (rec_follow_next(f, &told, &payload))
        if (told.kind == REC_TOLD_SNAPSHOT && told.frame == last_frame)
            same = memcmp(payload, last, sizeof last) == 0;
    CHECK(same);
    stop();
}

static void test_removed_line_is_told_of_no_more(void) {
    start(1, 0);
    CHECK(rec_follow_add(f, 1, &r, 0, NULL, 0) != NULL && rec_follow_add(f, 4, &r, 0, NULL, 0) != NULL);
    write_noise(PIECE);
    rec_follow_pass(f);
    CHECK(rec_follow_remove(f, 1) == 0 && rec_follow_remove(f, 1) == -1 && rec_follow_remove(f, 4) == -1);
    CHECK(rec_follow_add(f, 1, &r, 0, NULL, 0) == NULL);
    write_noise(1);
    CHECK(nothing_waits());
    rec_follow_pass(f);
    CHECK(hears(PIECE) && hears(PIECE + 1) && nothing_waits());
    stop();
}

static void test_line_far_behind_holds_up_nobody(void) {
    int turns = 0;
    start(1, 0);
    CHECK(rec_follow_add(f, 2, &r, 0, NULL, 0) == NULL);
    write_noise(3 * PIECE);
    rec_follow_pass(f);
    for (uint32_t slot = 1; rec_follow_next(f, &told, &payload); slot = 3 - slot, turns++)
        CHECK(told.slot == slot);
    CHECK(turns == 6);
    stop();
}

int main(void) {
    test_audio_is_heard_in_pieces_of_100_ms();
    test_following_begins_on_the_grid();
    test_gap_is_told_before_its_audio();
    test_gap_begun_before_us_is_told_from_where_we_begin();
    test_overtaken_line_goes_on_behind_the_loss();
    test_gap_longer_than_the_ring_is_lost_then_gap();
    test_full_queue_leaves_audio_in_the_ring();
    test_silence_is_told_once_and_its_end();
    test_end_flushes_then_retirement_is_told();
    test_snapshot_comes_each_second_behind_its_audio();
    test_snapshot_waits_for_the_end_of_a_gap();
    test_resumed_ear_hears_the_same();
    test_removed_line_is_told_of_no_more();
    test_line_far_behind_holds_up_nobody();
}

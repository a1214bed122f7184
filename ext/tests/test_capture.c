/* The intake: blocks of a device go to the rings of its lines, and what is missing between them becomes gaps. */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "capture.h"

#include <string.h>

enum { RATE = 8000, BLOCK = 160 };
static const int64_t T0 = 1000 * REC_NS;

static char why[REC_RING_WHY];
static rec_ring_writer w;
static rec_ring_reader r;
static rec_intake in;
static rec_moment now;

static int64_t after(int64_t frames) { return T0 + frames * REC_NS / RATE; }

static void attach(enum rec_ring_cause cause) {
    CHECK(rec_ring_create(&w, scratch("line.ring"), "line", RATE, 1, 80000, why) == 0);
    CHECK(rec_ring_open(&r, scratch("line.ring"), why) == 0);
    CHECK(rec_intake_init(&in, RATE, 1, cause) == 0);
    CHECK(rec_intake_add(&in, &w, (uint16_t[]){0}) == 0);
}

static void start(void) {
    unlink(scratch("line.ring"));
    attach(REC_GAP_RESTART);
    now = (rec_moment){.boot_ns = T0, .real_ns = T0 + 7 * REC_NS, .mono_ns = T0};
}

static void stop(void) {
    rec_ring_close_reader(&r);
    rec_ring_close_writer(&w);
}

/* One block of samples `value` whose first frame is the device's frame `at`. */
static void take(int64_t at, int16_t value, unsigned long flags) {
    int16_t pcm[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        pcm[i] = value;
    rec_intake_take(&in, pcm, BLOCK, flags, after(at), &now);
}

static void take_many(int64_t from, int64_t blocks, int16_t value) {
    for (int64_t b = 0; b < blocks; b++)
        take(from + b * BLOCK, value, 0);
}

static int16_t sample(uint64_t frame) {
    int16_t value;
    CHECK(rec_ring_read(&r, frame, 1, &value) == 1);
    return value;
}

static rec_ring_gap gap(uint64_t number) {
    rec_ring_gap g;
    CHECK(rec_ring_gap_at(&r, number, &g) == 0);
    return g;
}

static void test_first_block_is_anchored_at_once(void) {
    rec_ring_anchor a;
    start();
    take(0, 5, 0);
    CHECK(rec_ring_anchor_for(&r, 0, &a) == 0);
    CHECK(a.frame == 0 && a.boottime_ns == T0 && a.realtime_ns == T0 + 7 * REC_NS && a.rate_hz == RATE);
    CHECK(rec_ring_head(&r) == BLOCK && rec_ring_gaps_logged(&r) == 0 && sample(0) == 5);
    stop();
}

static void test_anchors_come_twice_a_second(void) {
    rec_ring_anchor a;
    start();
    take_many(0, 500, 5); /* 10 s */
    CHECK(rec_ring_anchor_for(&r, 80000, &a) == 0);
    CHECK(a.frame == 9 * RATE + RATE / 2);
    CHECK(llabs(a.boottime_ns - after((int64_t)a.frame)) < 1000);
    stop();
}

static void test_overflow_is_a_gap_of_the_lost_frames(void) {
    start();
    take_many(0, 100, 5);
    take(16000 + 1234, 6, REC_PA_INPUT_OVERFLOW);
    CHECK(rec_ring_gaps_logged(&r) == 1);
    CHECK(gap(1).start == 16000 && gap(1).frames == 1234 && gap(1).cause == REC_GAP_OVERRUN);
    CHECK(sample(15999) == 5 && sample(16000) == 0 && sample(17233) == 0 && sample(17234) == 6);
    rec_intake_counters c = rec_intake_count(&in);
    CHECK(c.gaps == 1 && c.lost_frames == 1234);
    stop();
}

static void test_overflow_without_loss_is_no_gap(void) {
    start();
    take_many(0, 100, 5);
    take(16000, 6, REC_PA_INPUT_OVERFLOW);
    take(16160 - 30, 6, REC_PA_INPUT_OVERFLOW);
    CHECK(rec_ring_gaps_logged(&r) == 0 && rec_ring_head(&r) == 16320);
    stop();
}

static void test_jump_is_a_gap_of_the_device(void) {
    start();
    take_many(0, 100, 5);
    take(16000 + 2001, 6, 0); /* just over 250 ms */
    CHECK(rec_ring_gaps_logged(&r) == 1);
    CHECK(gap(1).frames == 2001 && gap(1).cause == REC_GAP_DEVICE);
    take(16000 + 2001 + BLOCK, 6, 0); /* the loop began anew: no second one */
    CHECK(rec_ring_gaps_logged(&r) == 1);
    stop();
}

static void test_lateness_and_early_times_are_no_gap(void) {
    start();
    take_many(0, 100, 5);
    take(16000 + 1900, 6, 0);
    take(16160, 6, 0);
    take(8000, 6, 0); /* the clock was set back by a second */
    take(8160, 6, 0);
    CHECK(rec_ring_gaps_logged(&r) == 0 && rec_ring_head(&r) == 104 * BLOCK);
    stop();
}

static void test_restarted_writer_fills_since_the_last_anchor(void) {
    start();
    take_many(0, 130, 5); /* 2.6 s, killed here */
    stop();
    attach(REC_GAP_RESTART);
    take(20800 + 4321, 6, 0);
    CHECK(rec_ring_gaps_logged(&r) == 1);
    CHECK(gap(1).start == 20800 && gap(1).frames == 4321 && gap(1).cause == REC_GAP_RESTART);
    CHECK(sample(20800 + 4321) == 6);
    stop();
    attach(REC_GAP_DEVICE);
    take(20800 + 4321 + BLOCK + 80000 * 3, 7, 0); /* longer than the ring */
    CHECK(gap(2).frames == 80000 * 3 && gap(2).cause == REC_GAP_DEVICE);
    stop();
}

static void test_restarted_writer_without_loss_writes_no_gap(void) {
    start();
    take_many(0, 10, 5);
    stop();
    attach(REC_GAP_RESTART);
    take(1600 - 20, 6, 0); /* a stamp slightly early */
    CHECK(rec_ring_gaps_logged(&r) == 0 && rec_ring_head(&r) == 11 * BLOCK);
    stop();
}

static void test_channels_go_to_their_lines(void) {
    enum { CHANNELS = 16, LINES = 8 };
    static const char *const names[LINES] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    rec_ring_writer ring[LINES];
    int16_t pcm[BLOCK * CHANNELS], got[BLOCK * 2];
    CHECK(rec_intake_init(&in, RATE, CHANNELS, REC_GAP_RESTART) == 0);
    for (uint16_t line = 0; line < LINES; line++) {
        CHECK(rec_ring_create(&ring[line], scratch(names[line]), names[line], RATE, 2, 8000, why) == 0);
        CHECK(rec_intake_add(&in, &ring[line], (uint16_t[]){(uint16_t)(2 * line + 1), (uint16_t)(2 * line)}) == 0);
    }
    for (int f = 0; f < BLOCK; f++)
        for (int c = 0; c < CHANNELS; c++)
            pcm[f * CHANNELS + c] = (int16_t)(f * 100 + c);
    rec_intake_take(&in, pcm, BLOCK, 0, T0, &now);
    for (int line = 0; line < LINES; line++) {
        CHECK(rec_ring_open(&r, scratch(names[line]), why) == 0);
        CHECK(rec_ring_read(&r, 0, BLOCK, got) == BLOCK);
        for (int f = 0; f < BLOCK; f++)
            CHECK(got[2 * f] == f * 100 + 2 * line + 1 && got[2 * f + 1] == f * 100 + 2 * line);
        rec_ring_close_reader(&r);
        rec_ring_close_writer(&ring[line]);
    }
}

static void test_wrong_maps_are_refused(void) {
    start();
    CHECK(rec_intake_add(&in, &w, (uint16_t[]){1}) == -1);
    CHECK(rec_intake_init(&in, RATE, 0, REC_GAP_RESTART) == -1);
    CHECK(rec_intake_init(&in, RATE, REC_INTAKE_CHANNELS + 1, REC_GAP_RESTART) == -1);
    CHECK(rec_intake_init(&in, 0, 1, REC_GAP_RESTART) == -1);
    stop();
}

static void test_callback_maps_the_clock_and_counts(void) {
    int16_t pcm[BLOCK] = {0};
    rec_ring_anchor a;
    start();
    rec_moment_read(&now);
    double mono_s = (double)now.mono_ns / 1e9;
    rec_pa_time time = {.input_adc_s = mono_s - 0.1, .current_s = mono_s};
    unsigned long flags = REC_PA_INPUT_OVERFLOW | REC_PA_INPUT_UNDERFLOW;
    CHECK(rec_intake_callback(pcm, NULL, BLOCK, &time, flags, &in) == REC_PA_CONTINUE);
    CHECK(rec_intake_callback(NULL, NULL, BLOCK, &time, 0, &in) == REC_PA_CONTINUE);
    CHECK(rec_ring_anchor_for(&r, 0, &a) == 0);
    CHECK(a.boottime_ns > now.boot_ns - 110000000 && a.boottime_ns < now.boot_ns - 90000000);
    CHECK(a.realtime_ns > now.real_ns - 110000000 && a.realtime_ns < now.real_ns - 90000000);
    rec_intake_counters c = rec_intake_count(&in);
    CHECK(c.callbacks == 2 && c.frames == BLOCK && c.overflows == 1 && c.underflows == 1);
    CHECK(!rec_intake_is_finished(&in));
    rec_intake_finished(&in);
    CHECK(rec_intake_is_finished(&in));
    stop();
}

static void test_callback_without_stamps_takes_the_block_as_just_completed(void) {
    int16_t pcm[RATE / 10] = {0};
    rec_ring_anchor a;
    start();
    rec_moment_read(&now);
    CHECK(rec_intake_callback(pcm, NULL, RATE / 10, NULL, 0, &in) == REC_PA_CONTINUE);
    CHECK(rec_ring_anchor_for(&r, 0, &a) == 0);
    CHECK(a.boottime_ns >= now.boot_ns - REC_NS / 10 && a.boottime_ns < now.boot_ns);
    stop();
}

int main(void) {
    test_first_block_is_anchored_at_once();
    test_anchors_come_twice_a_second();
    test_overflow_is_a_gap_of_the_lost_frames();
    test_overflow_without_loss_is_no_gap();
    test_jump_is_a_gap_of_the_device();
    test_lateness_and_early_times_are_no_gap();
    test_restarted_writer_fills_since_the_last_anchor();
    test_restarted_writer_without_loss_writes_no_gap();
    test_channels_go_to_their_lines();
    test_wrong_maps_are_refused();
    test_callback_maps_the_clock_and_counts();
    test_callback_without_stamps_takes_the_block_as_just_completed();
}

/* The ring in one thread: what was written is read, what was overwritten is not, and the logs tell of the rest. */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "ring.h"
#include "ring_layout.h"

#include <string.h>

static char why[REC_RING_WHY];
static rec_ring_writer w;
static rec_ring_reader r;

static int16_t sample(uint64_t frame, uint32_t channel) {
    return (int16_t)((frame * 4 + channel + 1) * 0x9E3779B97F4A7C15ull >> 48);
}

/* A new ring of one page, 1024 frames of two channels or 2048 of one, and its reader. */
static void start(uint32_t channels) {
    unlink(scratch("line.ring"));
    CHECK(rec_ring_create(&w, scratch("line.ring"), "line", 8000, channels, 1, why) == 0);
    CHECK(rec_ring_open(&r, scratch("line.ring"), why) == 0);
}

static void stop(void) {
    rec_ring_close_reader(&r);
    rec_ring_close_writer(&w);
}

static void write_next(uint64_t frames) {
    static int16_t pcm[200000];
    uint64_t head = rec_ring_writer_head(&w);
    for (uint64_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < w.channels; c++)
            pcm[f * w.channels + c] = sample(head + f, c);
    rec_ring_write(&w, pcm, frames);
}

static int holds(uint64_t first, uint64_t frames) {
    static int16_t pcm[200000];
    CHECK(rec_ring_read(&r, first, frames, pcm) == (int64_t)frames);
    for (uint64_t f = 0; f < frames; f++)
        for (uint32_t c = 0; c < r.channels; c++)
            if (pcm[f * r.channels + c] != sample(first + f, c))
                return 0;
    return 1;
}

static void test_geometry_is_whole_pages(void) {
    start(2);
    CHECK(rec_ring_capacity(&r) == (uint64_t)sysconf(_SC_PAGESIZE) / 4 && w.capacity == rec_ring_capacity(&r));
    CHECK(rec_ring_rate(&r) == 8000 && rec_ring_channels(&r) == 2 && strcmp(rec_ring_line(&r), "line") == 0);
    CHECK((uintptr_t)r.data % (uintptr_t)sysconf(_SC_PAGESIZE) == 0);
    CHECK(rec_ring_heartbeat_ns(&r) == 0 && rec_ring_head(&r) == 0 && rec_ring_oldest(&r) == 0);
    stop();
    for (uint32_t channels = 1; channels <= REC_RING_CHANNELS_MAX; channels++) {
        start(channels);
        CHECK(w.capacity * channels * 2 % (uint64_t)sysconf(_SC_PAGESIZE) == 0);
        CHECK(w.capacity <= (uint64_t)sysconf(_SC_PAGESIZE) / 2);
        stop();
    }
}

static void test_frames_are_read_until_overwritten(void) {
    int16_t pcm[4];
    start(2);
    uint64_t capacity = w.capacity;
    for (int i = 0; i < 100; i++) {
        write_next(37 + (uint64_t)i);
        uint64_t head = rec_ring_head(&r), oldest = rec_ring_oldest(&r);
        CHECK(oldest == (head > capacity ? head - capacity : 0));
        CHECK(holds(oldest, head - oldest) && holds(head - 37, 37));
        CHECK(rec_ring_read(&r, head - 1, 2, pcm) == REC_RING_AHEAD);
        CHECK(rec_ring_read(&r, UINT64_MAX, 2, pcm) == REC_RING_AHEAD);
        CHECK(rec_ring_read(&r, 1, UINT64_MAX, pcm) == REC_RING_AHEAD);
        CHECK(oldest == 0 || rec_ring_read(&r, oldest - 1, 1, pcm) == REC_RING_OVERTAKEN);
        CHECK(rec_ring_read(&r, head, 0, pcm) == 0);
    }
    CHECK(rec_ring_heartbeat_ns(&r) > 0);
    stop();
}

static void test_block_larger_than_the_ring_leaves_its_newest_part(void) {
    start(1);
    write_next(5);
    write_next(3 * w.capacity + 11);
    CHECK(rec_ring_head(&r) == 3 * w.capacity + 16);
    CHECK(holds(rec_ring_oldest(&r), w.capacity));
    stop();
}

static void test_mapped_write_picks_channels(void) {
    static int16_t pcm[5000 * 3];
    const uint16_t map[] = {2, 0};
    start(2);
    for (uint64_t f = 0; f < 5000; f++) {
        pcm[3 * f] = sample(f, 1);
        pcm[3 * f + 1] = 0x5A5A;
        pcm[3 * f + 2] = sample(f, 0);
    }
    rec_ring_write_mapped(&w, pcm, 700, 3, map);
    CHECK(holds(0, 700));
    rec_ring_write_mapped(&w, pcm + 3 * 700, 4300, 3, map);
    CHECK(rec_ring_head(&r) == 5000 && holds(rec_ring_oldest(&r), w.capacity));
    stop();
}

static int silent(uint64_t first, uint64_t frames) {
    static int16_t pcm[200000];
    CHECK(rec_ring_read(&r, first, frames, pcm) == (int64_t)frames);
    for (uint64_t i = 0; i < frames * r.channels; i++)
        if (pcm[i] != 0)
            return 0;
    return 1;
}

static void test_gap_is_silence_and_logged(void) {
    rec_ring_gap gap;
    start(2);
    write_next(100);
    CHECK(rec_ring_gap_at(&r, 1, &gap) == -1 && rec_ring_gap_at(&r, 0, &gap) == -1);
    rec_ring_write_gap(&w, 0, REC_GAP_DEVICE);
    CHECK(rec_ring_gaps_logged(&r) == 0);
    rec_ring_write_gap(&w, 50, REC_GAP_OVERRUN);
    write_next(7);
    CHECK(holds(0, 100) && silent(100, 50) && holds(150, 7));
    CHECK(rec_ring_gap_at(&r, 1, &gap) == 0 && gap.number == 1 && gap.start == 100 && gap.frames == 50);
    CHECK(gap.cause == REC_GAP_OVERRUN);
    rec_ring_write_gap(&w, 1000000, REC_GAP_RESTART);
    CHECK(rec_ring_head(&r) == 1000157 && silent(rec_ring_oldest(&r), w.capacity));
    CHECK(rec_ring_gaps_logged(&r) == 2 && rec_ring_gap_at(&r, 2, &gap) == 0);
    CHECK(gap.start == 157 && gap.frames == 1000000 && gap.cause == REC_GAP_RESTART);
    stop();
}

static void test_log_keeps_the_last_64(void) {
    rec_ring_gap gap;
    start(1);
    for (uint64_t i = 1; i <= 100; i++)
        rec_ring_write_gap(&w, i, REC_GAP_OVERRUN);
    CHECK(rec_ring_gap_at(&r, 36, &gap) == -2 && rec_ring_gap_at(&r, 101, &gap) == -1);
    for (uint64_t i = 37; i <= 100; i++)
        CHECK(rec_ring_gap_at(&r, i, &gap) == 0 && gap.number == i && gap.frames == i);
    stop();
}

static void test_record_in_change_is_not_told(void) {
    rec_ring_gap gap;
    start(1);
    for (int i = 0; i < 2; i++)
        rec_ring_write_gap(&w, 10, REC_GAP_OVERRUN);
    atomic_store(&w.header->gaps.slot[1].number, 0); /* as a writer leaves it that dies in the middle */
    CHECK(rec_ring_gap_at(&r, 1, &gap) == -2 && rec_ring_gap_at(&r, 2, &gap) == 0);
    stop();
}

static void test_anchors_tell_time_and_frame(void) {
    int64_t boottime_ns, realtime_ns;
    rec_ring_anchor anchor;
    start(1);
    write_next(500);
    CHECK(rec_ring_anchor_for(&r, 0, &anchor) == -1 && rec_ring_frame_at(&r, 123) == 500);
    CHECK(rec_ring_time_of(&r, 7, &boottime_ns, &realtime_ns) == -1 && boottime_ns == 0 && realtime_ns == 0);
    rec_ring_write_anchor(&w, &(rec_ring_anchor){1000, 5000000000, 1700000005000000000, 0});
    CHECK(rec_ring_frame_at(&r, 5001000000) == 1008 && rec_ring_frame_at(&r, 4999000000) == 992);
    CHECK(rec_ring_frame_at(&r, 0) == 0 && rec_ring_frame_at(&r, INT64_MIN) == 0);
    rec_ring_write_anchor(&w, &(rec_ring_anchor){9000, 6000000000, 1700000006000000000, 8000.8});
    CHECK(rec_ring_anchor_for(&r, 8999, &anchor) == 0 && anchor.frame == 1000 && anchor.rate_hz == 8000);
    CHECK(rec_ring_anchor_for(&r, 9000, &anchor) == 0 && anchor.frame == 9000 && anchor.rate_hz == 8000.8);
    CHECK(rec_ring_anchor_for(&r, 3, &anchor) == 0 && anchor.frame == 1000);
    CHECK(rec_ring_time_of(&r, 1800, &boottime_ns, &realtime_ns) == 0);
    CHECK(boottime_ns == 5100000000 && realtime_ns == 1700000005100000000);
    CHECK(rec_ring_time_of(&r, 200, &boottime_ns, &realtime_ns) == 0 && boottime_ns == 4900000000);
    for (uint64_t frame = 9000; frame < 2000000; frame += 977) {
        CHECK(rec_ring_time_of(&r, frame, &boottime_ns, &realtime_ns) == 0);
        CHECK(rec_ring_frame_at(&r, boottime_ns) == frame);
    }
    stop();
}

static void test_anchor_of_nonsense_harms_nobody(void) {
    const double rates[] = {-1, 0.0 / 0.0, 1 / 0.0, 1e-300, 1e300};
    int64_t boottime_ns, realtime_ns;
    start(1);
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++) {
        rec_ring_write_anchor(&w, &(rec_ring_anchor){UINT64_MAX, INT64_MAX, INT64_MIN, rates[i]});
        rec_ring_time_of(&r, 0, &boottime_ns, &realtime_ns);
        CHECK(rec_ring_frame_at(&r, INT64_MIN) <= REC_RING_FRAMES_MAX);
    }
    stop();
}

int main(void) {
    test_geometry_is_whole_pages();
    test_frames_are_read_until_overwritten();
    test_block_larger_than_the_ring_leaves_its_newest_part();
    test_mapped_write_picks_channels();
    test_gap_is_silence_and_logged();
    test_log_keeps_the_last_64();
    test_record_in_change_is_not_told();
    test_anchors_tell_time_and_frame();
    test_anchor_of_nonsense_harms_nobody();
}

/* Playback: the sound on all channels, silence behind it, and the times of both its ends. */
#include "check.h"

#include "moment.h"
#include "playback.h"

#include <stdlib.h>
#include <string.h>

enum { RATE = 8000, BLOCK = 160, FRAMES = 200 };

static int16_t pcm[FRAMES], out[BLOCK * 2];
static rec_playback p;
static rec_moment now;

static void start(void) {
    for (int i = 0; i < FRAMES; i++)
        pcm[i] = (int16_t)(i + 1);
    CHECK(rec_playback_init(&p, pcm, FRAMES, RATE, 2) == 0);
}

/* One callback whose first sample sounds `ahead_s` from now. */
static int call(double ahead_s) {
    rec_moment_read(&now);
    double real_s = (double)now.real_ns / 1e9;
    rec_pa_time time = {.current_s = real_s, .output_dac_s = real_s + ahead_s};
    memset(out, 0x55, sizeof out);
    return rec_playback_callback(NULL, out, BLOCK, &time, 0, &p);
}

static int about(int64_t got_ns, int64_t wanted_ns) { return llabs(got_ns - wanted_ns) < 10000000; }

static void test_sound_is_played_to_its_end(void) {
    start();
    CHECK(rec_playback_started_ns(&p) == 0);
    CHECK(call(0.1) == REC_PA_CONTINUE);
    CHECK(about(rec_playback_started_ns(&p), now.boot_ns + REC_NS / 10) && rec_playback_ended_ns(&p) == 0);
    for (int i = 0; i < BLOCK; i++)
        CHECK(out[2 * i] == i + 1 && out[2 * i + 1] == i + 1);
    CHECK(call(0.12) == REC_PA_CONTINUE);
    for (int i = 0; i < BLOCK; i++)
        CHECK(out[2 * i] == (i < FRAMES - BLOCK ? BLOCK + i + 1 : 0) && out[2 * i + 1] == out[2 * i]);
    int64_t ended_ns = rec_playback_ended_ns(&p);
    CHECK(about(ended_ns, now.boot_ns + REC_NS * 12 / 100 + REC_NS * (FRAMES - BLOCK) / RATE));
    CHECK(call(0.14) == REC_PA_CONTINUE);
    for (int i = 0; i < 2 * BLOCK; i++)
        CHECK(out[i] == 0);
    CHECK(rec_playback_ended_ns(&p) == ended_ns);
}

static void test_stream_ends_when_the_last_sample_is_over(void) {
    start();
    CHECK(call(-0.1) == REC_PA_CONTINUE);
    CHECK(call(-0.08) == REC_PA_COMPLETE);
    CHECK(!rec_playback_is_finished(&p));
    rec_playback_finished(&p);
    CHECK(rec_playback_is_finished(&p));
}

static void test_cut_ends_it_at_once(void) {
    start();
    CHECK(call(0.1) == REC_PA_CONTINUE);
    rec_playback_cut(&p);
    CHECK(call(0.12) == REC_PA_ABORT);
    for (int i = 0; i < 2 * BLOCK; i++)
        CHECK(out[i] == 0);
    CHECK(about(rec_playback_ended_ns(&p), now.boot_ns));
}

static void test_nothing_to_play_is_refused(void) {
    CHECK(rec_playback_init(&p, pcm, 0, RATE, 2) == -1);
    CHECK(rec_playback_init(&p, pcm, FRAMES, 0, 2) == -1);
    CHECK(rec_playback_init(&p, pcm, FRAMES, RATE, 0) == -1);
}

int main(void) {
    test_sound_is_played_to_its_end();
    test_stream_ends_when_the_last_sample_is_over();
    test_cut_ends_it_at_once();
    test_nothing_to_play_is_refused();
}

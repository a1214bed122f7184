/* The delay-locked loop against devices whose clock and jitter are known. */
#include "check.h"

#include "dll.h"

#include <math.h>
#include <stdint.h>

static uint64_t seed;

/* Uniform in 0..1. */
static double chance(void) {
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(seed >> 11) / 9007199254740992.0;
}

/* Run for `seconds` in blocks of `frames` of a device whose real rate is `hz`, each stamp late by up to jitter_s. */
static double run(rec_dll *d, double hz, uint64_t frames, double seconds, double jitter_s) {
    const int64_t origin_ns = 1000000000000ll;
    double worst_s = 0.0;
    uint64_t frame = 0;
    for (int first = 1; (double)frame / hz < seconds; first = 0) {
        double true_s = (double)frame / hz;
        int64_t adc_ns = origin_ns + (int64_t)((true_s + jitter_s * chance()) * 1e9);
        if (first)
            rec_dll_start(d, adc_ns);
        else
            rec_dll_correct(d, rec_dll_error_s(d, adc_ns));
        double off_s = fabs((double)(rec_dll_next_ns(d) - origin_ns) / 1e9 - true_s - jitter_s / 2);
        if (true_s > seconds / 2 && off_s > worst_s)
            worst_s = off_s;
        rec_dll_advance(d, frames);
        frame += frames;
    }
    return worst_s;
}

static void test_exact_clock_is_followed_exactly(void) {
    rec_dll d;
    rec_dll_init(&d, 8000);
    CHECK(run(&d, 8000, 160, 30, 0.0) < 1e-8);
    CHECK(fabs(rec_dll_rate_hz(&d) - 8000) < 1e-3);
}

static void test_rate_is_nominal_until_settled(void) {
    rec_dll d;
    rec_dll_init(&d, 48000);
    run(&d, 48000 * 1.0002, 960, REC_DLL_SETTLED_S - 0.1, 0.0001);
    CHECK(rec_dll_rate_hz(&d) == 48000);
}

static void test_rate_is_measured(void) {
    const double parts_per_million[] = {-200, -20, 0, 20, 200};
    for (int i = 0; i < 5; i++) {
        rec_dll d;
        double hz = 48000 * (1 + parts_per_million[i] * 1e-6);
        rec_dll_init(&d, 48000);
        double worst_s = run(&d, hz, 960, 60, 0.0005); /* half a millisecond of jitter */
        CHECK(fabs(rec_dll_rate_hz(&d) / hz - 1) < 5e-6);
        CHECK(worst_s < 0.0001);
    }
}

static void test_jitter_is_filtered_in_large_blocks(void) {
    rec_dll d;
    rec_dll_init(&d, 8000);
    CHECK(run(&d, 8000 * 1.0001, 1000, 120, 0.010) < 0.004);
}

static void test_rate_survives_a_new_start(void) {
    rec_dll d;
    rec_dll_init(&d, 8000);
    run(&d, 8000.8, 160, 60, 0.0);
    rec_dll_start(&d, 123456789);
    CHECK(fabs(rec_dll_rate_hz(&d) - 8000.8) < 0.01);
    CHECK(rec_dll_next_ns(&d) == 123456789);
    CHECK(fabs(rec_dll_error_s(&d, 123456789 + 1000000) - 0.001) < 1e-9);
}

int main(void) {
    test_exact_clock_is_followed_exactly();
    test_rate_is_nominal_until_settled();
    test_rate_is_measured();
    test_jitter_is_filtered_in_large_blocks();
    test_rate_survives_a_new_start();
}

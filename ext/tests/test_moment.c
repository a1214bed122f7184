/* Times of PortAudio's clocks become CLOCK_BOOTTIME. */
#include "check.h"

#include "moment.h"

#include <stdlib.h>

static const rec_moment NOW = {
    .boot_ns = 5000 * REC_NS, .real_ns = 1700000000 * REC_NS, .mono_ns = 3000 * REC_NS};

static int near(int64_t got_ns, int64_t wanted_ns) { return llabs(got_ns - wanted_ns) < 1000; }

static void test_each_clock_is_recognised(void) {
    CHECK(near(rec_moment_map(&NOW, 1700000000.0, 1699999999.5), 5000 * REC_NS - REC_NS / 2));
    CHECK(near(rec_moment_map(&NOW, 3000.0, 2999.75), 5000 * REC_NS - REC_NS / 4));
    CHECK(near(rec_moment_map(&NOW, 3000.0, 3000.25), 5000 * REC_NS + REC_NS / 4));
}

static void test_late_callback_does_not_shift_the_stamp(void) {
    /* PortAudio looked at its clock 30 ms before we did. */
    CHECK(near(rec_moment_map(&NOW, 1699999999.97, 1699999999.87), 5000 * REC_NS - 130000000));
    CHECK(near(rec_moment_map(&NOW, 2999.97, 2999.87), 5000 * REC_NS - 130000000));
}

static void test_unknown_clock_is_taken_as_now(void) {
    CHECK(near(rec_moment_map(&NOW, 77.0, 76.9), 5000 * REC_NS - 100000000));
}

static void test_no_stamp_is_told(void) {
    const double bad[] = {0.0, -1.0, 0.0 / 0.0, 1.0 / 0.0, 1e300};
    for (int i = 0; i < 5; i++) {
        CHECK(rec_moment_map(&NOW, 3000.0, bad[i]) == 0);
        CHECK(rec_moment_map(&NOW, bad[i], 3000.0) == 0);
    }
    CHECK(rec_moment_map(&NOW, 3000.0, 3100.0) == 0);
}

static void test_clocks_are_read_at_one_instant(void) {
    rec_moment a, b;
    rec_moment_read(&a);
    rec_moment_read(&b);
    CHECK(a.boot_ns > 0 && a.mono_ns > 0 && a.real_ns > 1600000000 * REC_NS);
    CHECK(b.boot_ns >= a.boot_ns && b.mono_ns >= a.mono_ns);
}

int main(void) {
    test_each_clock_is_recognised();
    test_late_callback_does_not_shift_the_stamp();
    test_unknown_clock_is_taken_as_now();
    test_no_stamp_is_told();
    test_clocks_are_read_at_one_instant();
}

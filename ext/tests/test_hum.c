/* What is hum and what is not, at every rate, however the audio is cut. */
#include "check.h"

#include "hum.h"

#include <math.h>
#include <stddef.h>

static const uint32_t RATES[] = {8000, 16000, 44100, 48000};
enum { STRIDE = 2, MOST = 48000 };

static int16_t pcm[STRIDE * MOST];

/* One second of sines: pairs of Hz and dBFS (of a sine at full scale), up to one at 0 Hz. */
static void make(uint32_t rate, int16_t offset, const double sines[][2]) {
    for (uint32_t i = 0; i < rate; i++) {
        double value = offset;
        for (size_t s = 0; sines[s][0] > 0; s++)
            value += 32767 * pow(10, sines[s][1] / 20) * sin(6.283185307179586 * sines[s][0] * i / rate + (double)s);
        pcm[STRIDE * i] = (int16_t)lround(value);
    }
}

/* The windows of that second that hum at `hz`. */
static int windows(uint32_t rate, uint64_t first_frame, uint32_t piece, uint8_t hz, uint8_t level) {
    rec_hum hum;
    rec_hummed out;
    int found = 0;
    rec_hum_init(&hum, rate, first_frame);
    for (uint32_t at = 0; at < rate; at += piece) {
        uint32_t frames = rate - at < piece ? rate - at : piece;
        if (rec_hum_process(&hum, pcm + STRIDE * at, STRIDE, frames, &out) && out.hz == hz)
            found += hz == 0 || (out.level >= level - 1 && out.level <= level + 1);
    }
    return found;
}

static void test_hum_is_told_with_its_level_at_every_rate(void) {
    for (size_t i = 0; i < sizeof RATES / sizeof *RATES; i++) {
        uint32_t rate = RATES[i];
        make(rate, 900, (const double[][2]){{50, -30}, {0, 0}});
        CHECK(windows(rate, 0, rate / 10, 50, 66) == 5); /* -33 dBFS RMS */
        CHECK(windows(rate, rate, 77, 50, 66) == 5);
        CHECK(windows(rate, rate / 2, rate / 10, 50, 66) == 4); /* of a window that began before us nothing is told */
        make(rate, -900, (const double[][2]){{60.1, -43}, {120.2, -46}, {180.3, -50}, {0, 0}});
        CHECK(windows(rate, 0, rate / 10, 60, 88) == 5);
    }
}

static void test_other_sounds_are_no_hum(void) {
    const double tones[][3][2] = {
        {{50, -48}, {0, 0}, {0, 0}},           /* too quiet: -51 dBFS RMS */
        {{50, -30}, {700, -29}, {0, 0}},       /* not half of the power */
        {{300, -20}, {0, 0}, {0, 0}},          /* a sixth and fifth harmonic alone */
        {{350, -13}, {440, -13}, {0, 0}},      /* a dial tone */
        {{425, -10}, {0, 0}, {0, 0}}, {{480, -10}, {620, -10}, {0, 0}}, {{1000, -10}, {0, 0}, {0, 0}},
        {{697, -10}, {1209, -10}, {0, 0}}, {{750, -6}, {0, 0}, {0, 0}}, {{85, -20}, {0, 0}, {0, 0}},
    };
    for (size_t i = 0; i < sizeof RATES / sizeof *RATES; i++) {
        for (size_t t = 0; t < sizeof tones / sizeof *tones; t++) {
            make(RATES[i], 0, tones[t]);
            CHECK(windows(RATES[i], 0, RATES[i] / 10, 0, 0) == 5);
        }
        make(RATES[i], 20000, (const double[][2]){{0, 0}}); /* direct current */
        CHECK(windows(RATES[i], 0, RATES[i] / 10, 0, 0) == 5);
    }
}

int main(void) {
    test_hum_is_told_with_its_level_at_every_rate();
    test_other_sounds_are_no_hum();
}

/* Every direction of lines of one and two channels, and the sum at its limits. */
#include "check.h"

#include "mix.h"

#include <string.h>

static const int16_t LINE[] = {1, -2, 32767, 1, -32768, -1, 30000, -30000, 32767, 32767, -32768, -32768};
enum { FRAMES = 6 };

static void gives(uint32_t channels, enum rec_mix_direction direction, int stereo, const int16_t *expected,
                  uint32_t expected_channels) {
    int16_t out[2 * FRAMES];
    uint64_t frames = channels == 2 ? FRAMES : 2 * FRAMES;
    CHECK(rec_mix_channels(channels, direction, stereo) == expected_channels);
    rec_mix(LINE, frames, channels, direction, stereo, out);
    CHECK(memcmp(out, expected, frames * expected_channels * sizeof *out) == 0);
    memcpy(out, LINE, sizeof LINE);
    rec_mix(out, frames, channels, direction, stereo, out);
    CHECK(memcmp(out, expected, frames * expected_channels * sizeof *out) == 0);
}

int main(void) {
    const int16_t speak[FRAMES] = {1, 32767, -32768, 30000, 32767, -32768};
    const int16_t listen[FRAMES] = {-2, 1, -1, -30000, 32767, -32768};
    const int16_t sum[FRAMES] = {-1, 32767, -32768, 0, 32767, -32768};
    for (int stereo = 0; stereo < 2; stereo++) {
        gives(2, REC_MIX_SPEAK, stereo, speak, 1);
        gives(2, REC_MIX_LISTEN, stereo, listen, 1);
        gives(2, REC_MIX_BOTH, stereo, stereo ? LINE : sum, stereo ? 2 : 1);
        gives(1, REC_MIX_SPEAK, stereo, LINE, 1);
        gives(1, REC_MIX_LISTEN, stereo, LINE, 1);
        gives(1, REC_MIX_BOTH, stereo, LINE, 1);
    }
}

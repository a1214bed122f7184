/* Plain loops over interleaved samples, which compilers turn into vector code. */
#include "mix.h"

#include <string.h>

static void take(const int16_t *pcm, uint64_t frames, uint32_t channel, int16_t *out) {
    for (uint64_t f = 0; f < frames; f++)
        out[f] = pcm[2 * f + channel];
}

static void add(const int16_t *pcm, uint64_t frames, int16_t *out) {
    for (uint64_t f = 0; f < frames; f++) {
        int32_t sum = pcm[2 * f] + pcm[2 * f + 1];
        sum = sum > INT16_MAX ? INT16_MAX : sum;
        out[f] = (int16_t)(sum < INT16_MIN ? INT16_MIN : sum);
    }
}

uint32_t rec_mix_channels(uint32_t channels, enum rec_mix_direction direction, int stereo) {
    return channels == 2 && direction == REC_MIX_BOTH && stereo ? 2 : 1;
}

void rec_mix(const int16_t *pcm, uint64_t frames, uint32_t channels, enum rec_mix_direction direction, int stereo,
             int16_t *out) {
    if (channels == rec_mix_channels(channels, direction, stereo))
        memmove(out, pcm, frames * channels * sizeof *pcm);
    else if (direction == REC_MIX_BOTH)
        add(pcm, frames, out);
    else
        take(pcm, frames, direction == REC_MIX_LISTEN, out);
}

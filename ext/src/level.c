#include "level.h"

#include "lanes.h"
#include "log2.h"

void rec_level_reset(rec_level *l) {
    *l = (rec_level){.min = INT16_MAX, .max = INT16_MIN};
}

static inline void measure(rec_level *l, const int16_t *pcm, uint32_t samples) {
    int16_t min = l->min, max = l->max;
    uint64_t energy = 0;
    for (uint32_t i = 0; i < samples; i++) {
        min = pcm[i] < min ? pcm[i] : min;
        max = pcm[i] > max ? pcm[i] : max;
    }
    for (uint32_t i = 0; i < samples && (min | max) != 0; i++) /* digital silence has no energy */
        energy += (uint32_t)(pcm[i] * pcm[i]);
    l->min = min;
    l->max = max;
    l->energy += energy;
    l->samples += samples;
}

REC_WIDE static void measure_wide(rec_level *l, const int16_t *pcm, uint32_t samples) {
    measure(l, pcm, samples);
}

void rec_level_process(rec_level *l, const int16_t *pcm, uint32_t samples) {
    (rec_is_wide() ? measure_wide : measure)(l, pcm, samples);
}

uint8_t rec_level_rms(const rec_level *l) {
    if (l->energy == 0)
        return REC_LEVEL_SILENCE;
    /* Half decibels below full scale, 2^30: 20 log10(2) of them to an octave of power. */
    float below = (30.0f - rec_log2((float)l->energy / (float)l->samples)) * 6.0205999f;
    return below <= 0.0f ? 0 : below >= 254.0f ? 254 : (uint8_t)(below + 0.5f);
}

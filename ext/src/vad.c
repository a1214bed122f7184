#include "vad.h"

#include <string.h>

#include "vad_features.h"
#include "vad_net.h"

enum {
    REST_HOPS = 34, /* of quiet, 1 s, after which the network sleeps until something is heard */
};

_Static_assert(REC_VAD_HOP % REC_VAD_BLOCK == 0, "each hop is so many blocks");

void rec_vad_init(rec_vad *v) {
    memset(v, 0, sizeof *v);
    rec_vad_floor_init(v->floor);
}

static void hear_hop(rec_vad *v) {
    float features[REC_VAD_FEATURES];
    if (!rec_vad_is_quiet(v->window)) {
        v->quiet_hops = 0;
        rec_vad_features(v->window, v->floor, features);
    } else if (v->quiet_hops < REST_HOPS) {
        v->quiet_hops++;
        rec_vad_features_quiet(v->floor, features);
    } else {
        v->probability = 0.0f;
        return;
    }
    v->probability = rec_vad_net(features, v->cell);
}

uint32_t rec_vad_process(rec_vad *v, const int16_t *pcm, uint32_t samples, float probability[REC_VAD_BLOCKS]) {
    uint32_t count = 0;
    while (samples > 0) {
        uint32_t room = REC_VAD_BLOCK - v->filled % REC_VAD_BLOCK, take = room < samples ? room : samples;
        memcpy(v->window + REC_VAD_WINDOW - REC_VAD_HOP + v->filled, pcm, take * sizeof *pcm);
        pcm += take;
        samples -= take;
        v->filled += take;
        if (v->filled == REC_VAD_HOP) {
            hear_hop(v);
            memmove(v->window, v->window + REC_VAD_HOP, (REC_VAD_WINDOW - REC_VAD_HOP) * sizeof *pcm);
            v->filled = 0;
        }
        if (v->filled % REC_VAD_BLOCK == 0)
            probability[count++] = v->probability;
    }
    return count;
}

/* Whether each value lies within; NaN does not. */
static int lie_within(const float *values, int count, float least, float most) {
    for (int i = 0; i < count; i++)
        if (!(values[i] >= least && values[i] <= most))
            return 0;
    return 1;
}

int rec_vad_is_sound(const rec_vad *v) {
    return v->filled < REC_VAD_HOP && v->quiet_hops <= REST_HOPS && lie_within(v->floor, REC_VAD_LANES, -100, 100) &&
           lie_within(v->cell, REC_VAD_CELLS, -1, 1) && lie_within(&v->probability, 1, 0, 1);
}

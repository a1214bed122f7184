#include "vad.h"

#include <string.h>

#include "vad_features.h"
#include "vad_net.h"

enum {
    REST_HOPS = 34, /* of quiet, 1 s, after which the network sleeps until something is heard */
};

_Static_assert(REC_VAD_HOP % REC_VAD_BLOCK == 0, "each hop is so many blocks");

static const float LOUD_KEPT = 0.98f;     /* at each hop: halved in 1 s */
static const float LATELY_KEPT = 0.9985f; /* halved in 14 s */

void rec_vad_init(rec_vad *v) {
    memset(v, 0, sizeof *v);
    rec_vad_floor_init(v->floor);
}

static inline float least(float a, float b) {
    return a < b ? a : b;
}

static inline float most(float a, float b) {
    return a > b ? a : b;
}

/* Words that are drawn out in noise make the network doubt while they go on. So behind speech, what it says of a moment
 * ago counts too where it is likelier than not, as far as the network has been silent about the present for a second. */
static float hold(rec_vad *v, rec_vad_spoken heard) {
    v->loud = most(heard.now, v->loud * LOUD_KEPT);
    float held = least(heard.earlier, least(1.0f - v->loud, v->lately));
    float probability = held >= 0.5f ? most(heard.now, held) : heard.now;
    v->lately = most(probability, v->lately * LATELY_KEPT);
    return probability;
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
        v->probability = v->loud = v->lately = 0.0f;
        return;
    }
    v->probability = hold(v, rec_vad_net(features, v->cell));
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
           lie_within(v->cell, REC_VAD_CELLS, -1, 1) && lie_within(&v->loud, 1, 0, 1) &&
           lie_within(&v->lately, 1, 0, 1) && lie_within(&v->probability, 1, 0, 1);
}

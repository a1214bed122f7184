/* What the voice detector's network hears of a stream, hop by hop: for training. */
#include <stdint.h>
#include <string.h>

#include "vad_features.h"

/* `features` has REC_VAD_FEATURES for each of the hops of REC_VAD_HOP samples. */
void features_of_stream(const int16_t *pcm, int64_t hops, float *features) {
    int16_t window[REC_VAD_WINDOW] = {0};
    float floor[REC_VAD_LANES];
    rec_vad_floor_init(floor);
    for (int64_t h = 0; h < hops; h++, pcm += REC_VAD_HOP, features += REC_VAD_FEATURES) {
        memmove(window, window + REC_VAD_HOP, (REC_VAD_WINDOW - REC_VAD_HOP) * sizeof *window);
        memcpy(window + REC_VAD_WINDOW - REC_VAD_HOP, pcm, REC_VAD_HOP * sizeof *pcm);
        if (rec_vad_is_quiet(window))
            rec_vad_features_quiet(floor, features);
        else
            rec_vad_features(window, floor, features);
    }
}

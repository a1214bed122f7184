/* Inside the voice detector: what the network hears of the newest 32 ms. */
#ifndef REC_VAD_FEATURES_H
#define REC_VAD_FEATURES_H

#include "vad.h"

enum {
    REC_VAD_FEATURES = 48, /* 22 bands' log2 power, the same above their floors, and 4 of the fine structure */
};

/* No floor is known yet. */
void rec_vad_floor_init(float floor[REC_VAD_LANES]);
/* Hear the newest REC_VAD_WINDOW samples, 30 ms of which are new. */
void rec_vad_features(const int16_t window[REC_VAD_WINDOW], float floor[REC_VAD_LANES],
                      float features[REC_VAD_FEATURES]);
/* Whether the window is too quiet to be looked at: white noise at -70 dBFS or less. */
int rec_vad_is_quiet(const int16_t window[REC_VAD_WINDOW]);
/* The same as rec_vad_features for any quiet window. */
void rec_vad_features_quiet(float floor[REC_VAD_LANES], float features[REC_VAD_FEATURES]);

#endif

/* Inside the voice detector: the recurrent network that turns features into a probability. */
#ifndef REC_VAD_NET_H
#define REC_VAD_NET_H

#include "vad.h"
#include "vad_features.h"

/* Probabilities of speech: now, and 150 ms ago. */
typedef struct {
    float now, earlier;
} rec_vad_spoken;

/* Hear one hop: `cell` is the network's memory, all 0 at first. Written once more, for reading and for the tests, in
 * ext/vad/reference.py. */
rec_vad_spoken rec_vad_net(const float features[REC_VAD_FEATURES], float cell[REC_VAD_CELLS]);

#endif

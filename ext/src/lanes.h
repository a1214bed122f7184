/* Four floats that one instruction takes: SSE2, NEON, or what the compiler makes of it. Lane by lane it is the same
 * arithmetic everywhere. */
#ifndef REC_LANES_H
#define REC_LANES_H

#include <string.h>

typedef float rec_lanes __attribute__((vector_size(16)));

static inline rec_lanes rec_lanes_load(const float *from) {
    rec_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void rec_lanes_store(float *to, rec_lanes lanes) {
    memcpy(to, &lanes, sizeof lanes);
}

#endif

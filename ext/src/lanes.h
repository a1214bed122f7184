/* Four floats that one instruction takes: SSE2, NEON, or what the compiler makes of it. Lane by lane it is the same
 * arithmetic everywhere. */
#ifndef REC_LANES_H
#define REC_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef float rec_lanes __attribute__((vector_size(16)));

static inline rec_lanes rec_lanes_load(const float *from) {
    rec_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void rec_lanes_store(float *to, rec_lanes lanes) {
    memcpy(to, &lanes, sizeof lanes);
}

static inline rec_lanes rec_lanes_all(float value) {
    return (rec_lanes){value, value, value, value};
}

/* The smaller one, and the greater one, in each lane. */
static inline rec_lanes rec_lanes_min(rec_lanes a, rec_lanes b) {
#ifdef __SSE2__
    return (rec_lanes)_mm_min_ps((__m128)a, (__m128)b);
#else
    for (int i = 0; i < 4; i++)
        a[i] = a[i] < b[i] ? a[i] : b[i];
    return a;
#endif
}

static inline rec_lanes rec_lanes_max(rec_lanes a, rec_lanes b) {
#ifdef __SSE2__
    return (rec_lanes)_mm_max_ps((__m128)a, (__m128)b);
#else
    for (int i = 0; i < 4; i++)
        a[i] = a[i] > b[i] ? a[i] : b[i];
    return a;
#endif
}

static inline float rec_lanes_sum(rec_lanes lanes) {
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

#endif

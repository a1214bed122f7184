/* Four floats that one instruction takes: SSE2, NEON, or what the compiler makes of it. Lane by lane it is the same
 * arithmetic everywhere. */
#ifndef REC_LANES_H
#define REC_LANES_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <immintrin.h>
#endif

typedef float rec_lanes __attribute__((vector_size(16)));

#ifdef __SSE2__ /* as integers, whose shuffle needs no copy */
#define REC_LANES_SHUFFLED(lanes, order) ((rec_lanes)_mm_shuffle_epi32((__m128i)(lanes), order))
#endif

/* Eight, for local variables alone: how they are passed depends on what a function is built for. */
typedef float rec_eight __attribute__((vector_size(32)));

/* REC_WIDE builds a function, and all that it calls in its file, for CPUs of which rec_is_wide: it takes eight at once
 * and tells the same bits. */
#ifdef __x86_64__
#define REC_WIDE __attribute__((target("avx2"), flatten))
static inline int rec_is_wide(void) {
    return __builtin_cpu_supports("avx2") != 0;
}
#else
#define REC_WIDE
static inline int rec_is_wide(void) {
    return 0;
}
#endif

static inline rec_lanes rec_lanes_load(const float *from) {
    rec_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

/* Four samples. */
static inline rec_lanes rec_lanes_of(const int16_t *pcm) {
#ifdef __SSE2__
    __m128i four = _mm_loadl_epi64((const __m128i *)pcm);
    return (rec_lanes)_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(four, four), 16));
#else
    return (rec_lanes){pcm[0], pcm[1], pcm[2], pcm[3]};
#endif
}

static inline void rec_lanes_store(float *to, rec_lanes lanes) {
    memcpy(to, &lanes, sizeof lanes);
}

static inline rec_lanes rec_lanes_all(float value) {
    return (rec_lanes){value, value, value, value};
}

/* Each lane for itself, in all four. */
static inline void rec_lanes_spread(rec_lanes lanes, rec_lanes each[4]) {
#ifdef __SSE2__
    each[0] = REC_LANES_SHUFFLED(lanes, 0x00);
    each[1] = REC_LANES_SHUFFLED(lanes, 0x55);
    each[2] = REC_LANES_SHUFFLED(lanes, 0xAA);
    each[3] = REC_LANES_SHUFFLED(lanes, 0xFF);
#else
    for (int i = 0; i < 4; i++)
        each[i] = rec_lanes_all(lanes[i]);
#endif
}

/* The lanes from the last to the first. */
static inline rec_lanes rec_lanes_reversed(rec_lanes lanes) {
#ifdef __SSE2__
    return REC_LANES_SHUFFLED(lanes, 0x1B);
#else
    return (rec_lanes){lanes[3], lanes[2], lanes[1], lanes[0]};
#endif
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

/* Which lane is the greatest, the first of equal ones. */
static inline int rec_lanes_greatest(rec_lanes lanes) {
#ifdef __SSE2__
    rec_lanes most = rec_lanes_max(lanes, REC_LANES_SHUFFLED(lanes, 0xB1));
    most = rec_lanes_max(most, REC_LANES_SHUFFLED(most, 0x4E));
    return __builtin_ctz((unsigned)_mm_movemask_ps((__m128)(lanes == most)) | 8u);
#else
    int best = 0;
    for (int i = 1; i < 4; i++)
        best = lanes[i] > lanes[best] ? i : best;
    return best;
#endif
}

static inline float rec_lanes_sum(rec_lanes lanes) {
#ifdef __SSE2__
    lanes += REC_LANES_SHUFFLED(lanes, 0xB1);
    return (lanes + REC_LANES_SHUFFLED(lanes, 0x4E))[0];
#else
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
#endif
}

#endif

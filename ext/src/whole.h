/* Sums of products of whole numbers of 16 bits, eight at once where the CPU can: the same everywhere. */
#ifndef REC_WHOLE_H
#define REC_WHOLE_H

#include <stdint.h>
#include <string.h>

#include "lanes.h"

typedef int32_t rec_whole __attribute__((vector_size(16)));

/* sum[r] += weight[2r] * pair[0] + weight[2r + 1] * pair[1]; `weight` is aligned to 16 bytes. */
static inline rec_whole rec_whole_madd(rec_whole sum, const int16_t weight[8], const int16_t pair[2]) {
#ifdef __SSE2__
    int32_t both;
    memcpy(&both, pair, sizeof both);
    return sum + (rec_whole)_mm_madd_epi16(_mm_load_si128((const __m128i *)weight), _mm_set1_epi32(both));
#else
    for (int r = 0; r < 4; r++)
        sum[r] += weight[2 * r] * pair[0] + weight[2 * r + 1] * pair[1];
    return sum;
#endif
}

/* Sixteen rows of a multiple of 8 columns: for each pair of columns, `weight` has four times four rows' two. */
static inline void rec_whole_rows(const int16_t *weight, const int16_t *column, int columns, rec_whole sum[4]) {
    for (const int16_t *end = column + columns; column < end; column += 8)
        for (int k = 0; k < 8; k += 2)
            for (int i = 0; i < 4; i++, weight += 8)
                sum[i] = rec_whole_madd(sum[i], weight, column + k);
}

/* Eight values of less than 2^31, rounded and brought within 16 bits. */
static inline void rec_whole_round(rec_lanes low, rec_lanes high, int16_t out[8]) {
    /* What is cut off towards zero must not be negative; below -32768 it does not matter. */
    rec_whole a = __builtin_convertvector(low + 32768.5f, rec_whole) - 32768;
    rec_whole b = __builtin_convertvector(high + 32768.5f, rec_whole) - 32768;
#ifdef __SSE2__
    _mm_storeu_si128((__m128i *)out, _mm_packs_epi32((__m128i)a, (__m128i)b));
#else
    for (int i = 0; i < 8; i++) {
        int32_t value = i < 4 ? a[i] : b[i - 4];
        out[i] = (int16_t)(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
    }
#endif
}

#endif

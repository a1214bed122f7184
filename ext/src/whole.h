/* Sums of products of whole numbers of 16 bits, eight at once where the CPU can: the same everywhere. */
#ifndef REC_WHOLE_H
#define REC_WHOLE_H

#include <stdint.h>
#include <string.h>

#include "lanes.h"

typedef int32_t rec_whole __attribute__((vector_size(16)));

/* Eight rows of a multiple of 8 columns, four to a sum: for each pair of columns, `weight` has twice four rows' two. It is
 * aligned to 16 bytes. */
static inline void rec_whole_rows(const int16_t *weight, const int16_t *column, int columns, rec_whole sum[2]) {
    for (const int16_t *end = column + columns; column < end; column += 8, weight += 64) {
#ifdef __SSE2__
        const __m128i *rows = (const __m128i *)weight;
        __m128i eight = _mm_loadu_si128((const __m128i *)column);
        __m128i pair[4] = {_mm_shuffle_epi32(eight, 0x00), _mm_shuffle_epi32(eight, 0x55),
                           _mm_shuffle_epi32(eight, 0xAA), _mm_shuffle_epi32(eight, 0xFF)};
        for (int k = 0; k < 4; k++)
            for (int i = 0; i < 2; i++)
                sum[i] += (rec_whole)_mm_madd_epi16(pair[k], _mm_load_si128(rows + 2 * k + i));
#else
        for (int k = 0; k < 8; k += 2)
            for (int i = 0; i < 2; i++)
                for (int r = 0; r < 4; r++) {
                    const int16_t *two = weight + 8 * k + 8 * i + 2 * r;
                    sum[i][r] += two[0] * column[k] + two[1] * column[k + 1];
                }
#endif
    }
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

/* Sums of products of whole numbers of 16 bits, eight at once where the CPU can: the same everywhere. */
#ifndef REC_WHOLE_H
#define REC_WHOLE_H

#include <stdint.h>
#include <string.h>

#include "lanes.h"

typedef int32_t rec_whole __attribute__((vector_size(16)));

/* Each pair of a multiple of 8 columns four times over, as rec_whole_rows wants it: columns / 2 vectors. */
static inline void rec_whole_spread(const int16_t *column, int columns, rec_whole *pair) {
    for (int k = 0; k < columns; k += 8, pair += 4) {
        rec_whole eight;
        memcpy(&eight, column + k, sizeof eight);
        pair[0] = __builtin_shufflevector(eight, eight, 0, 0, 0, 0);
        pair[1] = __builtin_shufflevector(eight, eight, 1, 1, 1, 1);
        pair[2] = __builtin_shufflevector(eight, eight, 2, 2, 2, 2);
        pair[3] = __builtin_shufflevector(eight, eight, 3, 3, 3, 3);
    }
}

/* Sixteen rows, four to a sum, or up to four times as many: for each pair of columns, `weight` has four times four
 * rows' two. It is aligned to 16 bytes. */
static inline void rec_whole_rows(const int16_t *weight, const rec_whole *pair, int columns, int sixteens,
                                  rec_whole *sum) {
#pragma GCC unroll 8
    for (int k = 0; k < columns / 2; k++, weight += 32)
        for (int i = 0; i < 4 * sixteens; i++) {
            const int16_t *eight = weight + i / 4 * 16 * columns + i % 4 * 8;
#ifdef __SSE2__
            sum[i] += (rec_whole)_mm_madd_epi16((__m128i)pair[k], _mm_load_si128((const __m128i *)eight));
#else
            int16_t two[2];
            memcpy(two, pair + k, sizeof two);
            for (int r = 0; r < 4; r++)
                sum[i][r] += eight[2 * r] * two[0] + eight[2 * r + 1] * two[1];
#endif
        }
}

/* Either of rec_whole_rows and rec_whole_rows_wide. */
typedef void rec_whole_rows_of(const int16_t *weight, const rec_whole *pair, int columns, int sixteens, rec_whole *sum);

#ifdef __x86_64__
/* Sixteen products at once, where rec_is_wide: it gives what rec_whole_rows gives, and sooner. */
__attribute__((target("avx2"))) static inline void rec_whole_rows_wide(const int16_t *weight, const rec_whole *pair,
                                                                       int columns, int sixteens, rec_whole *sum) {
    __m256i total[8]; /* as many as registers hold */
    for (int i = 0; i < 2 * sixteens; i++)
        total[i] = _mm256_loadu_si256((const __m256i *)(sum + 2 * i));
#pragma GCC unroll 4
    for (int k = 0; k < columns / 2; k++, weight += 32) {
        __m256i two = _mm256_broadcastsi128_si256((__m128i)pair[k]);
        for (int i = 0; i < 2 * sixteens; i++) {
            const int16_t *eight = weight + i / 2 * 16 * columns + i % 2 * 16;
            total[i] = _mm256_add_epi32(total[i], _mm256_madd_epi16(two, _mm256_loadu_si256((const __m256i *)eight)));
        }
    }
    for (int i = 0; i < 2 * sixteens; i++)
        _mm256_storeu_si256((__m256i *)(sum + 2 * i), total[i]);
}
#else
#define rec_whole_rows_wide rec_whole_rows
#endif

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

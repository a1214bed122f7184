#include "decimate.h"

#include <string.h>

#include "decimate_taps.h"
#include "lanes.h"

/* Inputs that come before the newest one of the first output: so chosen that the last output of each 10 ms needs their
 * last input. */
static uint32_t ahead_of(uint32_t rate_hz) {
    return rate_hz == 8000 ? 0 : rate_hz == 16000 ? 1 : 5;
}

int rec_decimate_init(rec_decimate *d, uint32_t rate_hz) {
    if (rate_hz != 8000 && rate_hz != 16000 && rate_hz != 44100 && rate_hz != 48000)
        return -1;
    memset(d, 0, sizeof *d);
    d->rate_hz = rate_hz;
    d->wait = ahead_of(rate_hz);
    return 0;
}

/* The taps of the output whose newest input is at `at`, which moves on to the next one's. */
static inline const int16_t *taps_at(rec_decimate *d, uint32_t rate_hz, uint32_t *at) {
    if (rate_hz != 44100) {
        *at += rate_hz / 8000;
        return rate_hz == 48000 ? TAPS_48000 : TAPS_16000;
    }
    const int16_t *taps = TAPS_44100[d->phase];
    *at += 5; /* 441/80 is 5 and 41/80 */
    d->phase += 41;
    if (d->phase >= 80) {
        d->phase -= 80;
        *at += 1;
    }
    return taps;
}

/* The taps' absolute values sum to less than 2 x 2^14, so 32 bits hold the sum. */
static inline int16_t filtered(const int16_t *pcm, const int16_t *taps, uint32_t length) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < length; i++)
        sum += pcm[i] * taps[i];
    sum = (sum + (1 << 13)) >> 14;
    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

static inline uint32_t filter(rec_decimate *d, uint32_t rate_hz, uint32_t length, const int16_t *newest,
                              uint32_t samples, int16_t *out) {
    uint32_t count = 0, at = d->wait;
    while (at < samples) {
        const int16_t *oldest = newest + at - (length - 1);
        out[count++] = filtered(oldest, taps_at(d, rate_hz, &at), length);
    }
    d->wait = at - samples;
    return count;
}

static uint32_t decimate(rec_decimate *d, const int16_t *newest, uint32_t samples, int16_t *out) {
    return d->rate_hz == 48000   ? filter(d, 48000, 120, newest, samples, out)
           : d->rate_hz == 44100 ? filter(d, 44100, 112, newest, samples, out)
                                 : filter(d, 16000, 40, newest, samples, out);
}

#ifdef __x86_64__
/* The sum in eight parts. `length` is a multiple of 8. */
REC_WIDE static inline __m256i parts_of(const int16_t *pcm, const int16_t *taps, uint32_t length) {
    __m256i parts = _mm256_setzero_si256();
    uint32_t i = 0;
    for (; i + 16 <= length; i += 16)
        parts = _mm256_add_epi32(parts, _mm256_madd_epi16(_mm256_loadu_si256((const __m256i *)(pcm + i)),
                                                          _mm256_loadu_si256((const __m256i *)(taps + i))));
    if (i < length)
        parts = _mm256_add_epi32(
            parts, _mm256_zextsi128_si256(_mm_madd_epi16(_mm_loadu_si128((const __m128i *)(pcm + i)),
                                                         _mm_loadu_si128((const __m128i *)(taps + i)))));
    return parts;
}

/* Four outputs of their parts. */
REC_WIDE static inline void add_up(const __m256i parts[4], int16_t out[4]) {
    __m256i halves = _mm256_hadd_epi32(_mm256_hadd_epi32(parts[0], parts[1]), _mm256_hadd_epi32(parts[2], parts[3]));
    __m128i sums = _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
    sums = _mm_srai_epi32(_mm_add_epi32(sums, _mm_set1_epi32(1 << 13)), 14);
    _mm_storel_epi64((__m128i *)out, _mm_packs_epi32(sums, sums));
}

REC_WIDE static inline uint32_t filter_wide(rec_decimate *d, uint32_t rate_hz, uint32_t length, const int16_t *newest,
                                            uint32_t samples, int16_t *out) {
    __m256i parts[REC_DECIMATE_MAX / 2 + 4];
    uint32_t count = 0, at = d->wait;
    while (at < samples) {
        const int16_t *oldest = newest + at - (length - 1);
        parts[count++] = parts_of(oldest, taps_at(d, rate_hz, &at), length);
    }
    d->wait = at - samples;
    for (uint32_t i = 0; i < 3; i++) /* that the last four are whole */
        parts[count + i] = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i += 4)
        add_up(parts + i, out + i);
    return count;
}

REC_WIDE static uint32_t decimate_wide(rec_decimate *d, const int16_t *newest, uint32_t samples, int16_t *out) {
    return d->rate_hz == 48000   ? filter_wide(d, 48000, 120, newest, samples, out)
           : d->rate_hz == 44100 ? filter_wide(d, 44100, 112, newest, samples, out)
                                 : filter_wide(d, 16000, 40, newest, samples, out);
}
#else
#define decimate_wide decimate
#endif

uint32_t rec_decimate_process(rec_decimate *d, const int16_t *pcm, uint32_t samples, int16_t out[REC_DECIMATE_MAX]) {
    if (d->rate_hz == 8000) {
        memcpy(out, pcm, samples * sizeof *pcm);
        return samples;
    }
    int16_t line[REC_DECIMATE_TAPS + REC_DECIMATE_MAX];
    memcpy(line, d->past, sizeof d->past);
    memcpy(line + REC_DECIMATE_TAPS, pcm, samples * sizeof *pcm);
    uint32_t count = (rec_is_wide() ? decimate_wide : decimate)(d, line + REC_DECIMATE_TAPS, samples, out);
    memcpy(d->past, line + samples, sizeof d->past);
    return count;
}

/* Half the filter's length, less the inputs awaited, in frames of the line. */
static int64_t delay_of(uint32_t rate_hz) {
    switch (rate_hz) {
    case 16000:
        return 20 - 1;
    case 44100:
        return 56 - 5;
    case 48000:
        return 60 - 5;
    default:
        return 0;
    }
}

uint64_t rec_decimate_frame(const rec_decimate *d, int64_t sample) {
    int64_t frame = sample * d->rate_hz / 8000 - delay_of(d->rate_hz);
    return frame > 0 ? (uint64_t)frame : 0;
}

int rec_decimate_is_sound(const rec_decimate *d, uint32_t rate_hz) {
    return d->rate_hz == rate_hz && d->wait < REC_DECIMATE_TAPS && d->phase < 80;
}

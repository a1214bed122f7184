#include "decimate.h"

#include <string.h>

#include "decimate_taps.h"

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

/* The taps' absolute values sum to less than 2 x 2^14, so 32 bits hold the sum. */
static int16_t filtered(const int16_t *pcm, const int16_t *taps, uint32_t count) {
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += pcm[i] * taps[i];
    sum = (sum + (1 << 13)) >> 14;
    return (int16_t)(sum > INT16_MAX ? INT16_MAX : sum < INT16_MIN ? INT16_MIN : sum);
}

static uint32_t by_whole_ratio(rec_decimate *d, const int16_t *newest, uint32_t samples, int16_t *out) {
    uint32_t ratio = d->rate_hz / 8000, count = 0, at = d->wait;
    for (; at < samples; at += ratio)
        out[count++] = ratio == 6 ? filtered(newest + at - 119, TAPS_48000, 120)
                                  : filtered(newest + at - 39, TAPS_16000, 40);
    d->wait = at - samples;
    return count;
}

static uint32_t by_441_to_80(rec_decimate *d, const int16_t *newest, uint32_t samples, int16_t *out) {
    uint32_t count = 0, at = d->wait;
    while (at < samples) {
        out[count++] = filtered(newest + at - 111, TAPS_44100[d->phase], 112);
        d->phase += 441;
        at += d->phase / 80;
        d->phase %= 80;
    }
    d->wait = at - samples;
    return count;
}

uint32_t rec_decimate_process(rec_decimate *d, const int16_t *pcm, uint32_t samples, int16_t out[REC_DECIMATE_MAX]) {
    if (d->rate_hz == 8000) {
        memcpy(out, pcm, samples * sizeof *pcm);
        return samples;
    }
    int16_t line[REC_DECIMATE_TAPS + REC_DECIMATE_MAX];
    memcpy(line, d->past, sizeof d->past);
    memcpy(line + REC_DECIMATE_TAPS, pcm, samples * sizeof *pcm);
    const int16_t *newest = line + REC_DECIMATE_TAPS;
    uint32_t count =
        d->rate_hz == 44100 ? by_441_to_80(d, newest, samples, out) : by_whole_ratio(d, newest, samples, out);
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

#include "hum.h"

#include <string.h>

#include "log2.h"

enum { BOXES = 160, STEPS = 80, QUARTER = STEPS / 4, QUIETEST = 100 /* -50 dBFS */, FINE = 8 };

/* A sine at 10 Hz, sampled at 800 Hz, x 2^14: every harmonic of 50 and 60 Hz is read off it. */
static const int16_t SINE[STEPS + QUARTER] = {
    0,      1285,   2563,   3825,   5063,   6270,   7438,   8561,   9630,   10641,  11585,  12458,  13255,
    13970,  14598,  15137,  15582,  15931,  16182,  16333,  16384,  16333,  16182,  15931,  15582,  15137,
    14598,  13970,  13255,  12458,  11585,  10641,  9630,   8561,   7438,   6270,   5063,   3825,   2563,
    1285,   0,      -1285,  -2563,  -3825,  -5063,  -6270,  -7438,  -8561,  -9630,  -10641, -11585, -12458,
    -13255, -13970, -14598, -15137, -15582, -15931, -16182, -16333, -16384, -16333, -16182, -15931, -15582,
    -15137, -14598, -13970, -13255, -12458, -11585, -10641, -9630,  -8561,  -7438,  -6270,  -5063,  -3825,
    -2563,  -1285,  0,      1285,   2563,   3825,   5063,   6270,   7438,   8561,   9630,   10641,  11585,
    12458,  13255,  13970,  14598,  15137,  15582,  15931,  16182,  16333};

static const uint32_t STEP[REC_HUM_MAINS] = {5, 6};

static void begin_window(rec_hum *h) {
    *h = (rec_hum){.window = h->window, .is_whole = 1};
}

void rec_hum_init(rec_hum *h, uint32_t rate_hz, uint64_t first_frame) {
    memset(h, 0, sizeof *h);
    h->window = rate_hz / REC_HUM_WINDOWS_PER_S;
    h->at = h->begun = (uint32_t)(first_frame % h->window);
    h->box = (uint32_t)((uint64_t)h->at * BOXES / h->window);
    h->is_whole = h->at == 0;
}

static uint32_t end_of_box(const rec_hum *h) {
    return (uint32_t)(((uint64_t)h->box + 1) * h->window / BOXES);
}

static void close_box(rec_hum *h) {
    int64_t mean = (int64_t)h->in_box * FINE / (int64_t)(h->at - h->begun);
    for (uint32_t m = 0; m < REC_HUM_MAINS; m++) {
        for (uint32_t k = 0; k < REC_HUM_HARMONICS; k++) {
            uint32_t phase = h->box * STEP[m] * (k + 1) % STEPS;
            h->re[m][k] += mean * SINE[phase + QUARTER];
            h->im[m][k] += mean * SINE[phase];
        }
    }
    h->box++;
    h->begun = h->at;
    h->in_box = 0;
}

/* Mean square of the harmonics first .. last-1. */
static float power(const rec_hum *h, uint32_t mains, uint32_t first, uint32_t last) {
    float sum = 0;
    for (uint32_t k = first; k < last; k++) {
        float re = (float)h->re[mains][k] / (16384.0f * FINE * BOXES), im = (float)h->im[mains][k] / (16384.0f * FINE * BOXES);
        sum += 2.0f * (re * re + im * im);
    }
    return sum;
}

static uint8_t level_of(float mean_square) {
    float below = (30.0f - rec_log2(mean_square)) * 6.0205999f;
    return below <= 0.0f ? 0 : below >= 254.0f ? 254 : (uint8_t)(below + 0.5f);
}

static rec_hummed judge(const rec_hum *h) {
    const rec_hummed none = {0, 255};
    uint32_t mains = power(h, 1, 0, REC_HUM_HARMONICS) > power(h, 0, 0, REC_HUM_HARMONICS);
    float low = power(h, mains, 0, REC_HUM_HARMONICS / 2);
    float hum = low + power(h, mains, REC_HUM_HARMONICS / 2, REC_HUM_HARMONICS);
    float mean = (float)h->sum / (float)h->window, all = (float)h->energy / (float)h->window - mean * mean;
    if (!h->is_whole || hum < 1.0f || 2.0f * hum < all || 2.0f * low < hum)
        return none;
    rec_hummed found = {mains ? 60 : 50, level_of(hum)};
    return found.level <= QUIETEST ? found : none;
}

static void add(rec_hum *h, const int16_t *pcm, uint32_t stride, uint32_t frames) {
    int32_t sum = 0;
    uint64_t energy = 0;
    for (uint32_t i = 0; i < frames; i++) {
        int32_t sample = pcm[i * stride];
        sum += sample;
        energy += (uint32_t)(sample * sample);
    }
    h->in_box += sum;
    h->sum += sum;
    h->energy += energy;
    h->at += frames;
}

int rec_hum_process(rec_hum *h, const int16_t *pcm, uint32_t stride, uint32_t frames, rec_hummed *out) {
    int is_complete = 0;
    while (frames > 0) {
        uint32_t room = end_of_box(h) - h->at, take = frames < room ? frames : room;
        add(h, pcm, stride, take);
        pcm += take * stride;
        frames -= take;
        if (take < room)
            break;
        close_box(h);
        if (h->at == h->window) {
            *out = judge(h);
            is_complete = 1;
            begin_window(h);
        }
    }
    return is_complete;
}

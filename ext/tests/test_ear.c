/* The ear under sanitizers: hostile audio in random cuts, snapshots taken anywhere, results inside their tables. Prints
 * how many blocks it heard and a digest of all that it told, which must be the same on every CPU (see same_on_cpus.sh).
 * REC_TEST_BLOCKS in the environment asks for more blocks. */
#include "check.h"
#include "ear.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 2400 };

static const uint32_t rates[] = {8000, 16000, 44100, 48000};
static uint64_t seed = 1;
static uint32_t digest = 2166136261u; /* FNV-1a */

static uint32_t next_random(void) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(seed >> 33);
}

static uint32_t digest_bytes(uint32_t sum, const void *bytes, size_t size) {
    for (size_t i = 0; i < size; i++)
        sum = (sum ^ ((const uint8_t *)bytes)[i]) * 16777619u;
    return sum;
}

static uint32_t digest_heard(uint32_t sum, const rec_heard *heard, uint32_t parties) {
    for (uint32_t i = 0; i < heard->digits; i++) {
        sum = digest_bytes(sum, &heard->digit[i].frame, sizeof heard->digit[i].frame);
        sum = digest_bytes(sum, &heard->digit[i].digit, 1);
    }
    for (uint32_t p = 0; p < parties; p++)
        sum = digest_bytes(sum, heard->block[p], heard->blocks * sizeof heard->block[p][0]);
    return digest_bytes(sum, &heard->judged, sizeof heard->judged);
}

/* Rotating phasors instead of sin(): a test of equal bits must not lean on libm. {cos, sin} of one sample's turn of 770
 * and of 1336 Hz at each rate. */
static const double turns[4][2][2] = {
    {{0.82264052, 0.56856185}, {0.49818511, 0.86707070}},
    {{0.95463095, 0.29779144}, {0.86550133, 0.50090663}},
    {{0.99398828, 0.10948648}, {0.98193850, 0.18920037}},
    {{0.99492471, 0.10062219}, {0.98474708, 0.17399193}},
};

typedef struct {
    double re[2], im[2];
} tones;

static int16_t pair_sample(tones *t, uint32_t rate_index, double amplitude) {
    double sum = 0;
    for (int k = 0; k < 2; k++) {
        const double *turn = turns[rate_index][k];
        double re = t->re[k] * turn[0] - t->im[k] * turn[1];
        t->im[k] = t->re[k] * turn[1] + t->im[k] * turn[0];
        t->re[k] = re;
        sum += t->im[k] * amplitude;
    }
    return (int16_t)sum;
}

/* One of: noise of some level, full-scale square, constants, digit "5" (to all parties), silence. */
static void fill(int16_t *pcm, uint32_t frames, uint32_t parties, uint32_t rate_index, uint32_t kind) {
    tones t = {{1, 1}, {0, 0}};
    int16_t pair = 0;
    for (uint32_t i = 0; i < frames * parties; i++) {
        int16_t noise = (int16_t)next_random();
        switch (kind % 6) {
        case 0:
            pcm[i] = noise;
            break;
        case 1:
            pcm[i] = (int16_t)(noise / 64);
            break;
        case 2:
            pcm[i] = i / 5 % 2 ? INT16_MAX : INT16_MIN;
            break;
        case 3:
            pcm[i] = kind & 8 ? INT16_MIN : INT16_MAX;
            break;
        case 4:
            pair = i % parties == 0 ? pair_sample(&t, rate_index, 9000) : pair;
            pcm[i] = (int16_t)(pair + noise / 256);
            break;
        default:
            pcm[i] = 0;
        }
    }
}

static void check_heard(const rec_heard *heard, uint32_t rate, uint64_t *judged) {
    CHECK(heard->blocks <= REC_HEARD_BLOCKS && heard->digits <= REC_HEARD_DIGITS);
    CHECK(heard->judged >= *judged && heard->judged <= heard->head && heard->head - heard->judged <= rate / 10);
    for (uint32_t i = 0; i < heard->digits; i++) {
        const rec_digit *digit = &heard->digit[i];
        CHECK(digit->frame < heard->head && strchr("0123456789ABCD*#", digit->digit) != NULL);
        CHECK(digit->kind == REC_DIGIT_OFF || digit->frame >= *judged);
    }
    *judged = heard->judged;
}

static uint32_t hear_random_blocks(uint32_t rate_index, uint32_t parties, int rounds) {
    static int16_t pcm[4800 * REC_EAR_PARTIES];
    static rec_ear ear, copy;
    static rec_heard heard, again;
    uint64_t judged = 0;
    uint32_t rate = rates[rate_index], digits = 0;
    CHECK(rec_ear_init(&ear, rate, parties, 0) == 0);
    for (int i = 0; i < rounds; i++) {
        uint32_t most = rate / 10 >> next_random() % 6, frames = next_random() % (most + 1);
        fill(pcm, frames, parties, rate_index, next_random());
        copy = ear;
        CHECK(rec_ear_check(&copy, sizeof copy, rate, parties) == 0);
        rec_ear_hear(&ear, pcm, frames, &heard);
        rec_ear_hear(&copy, pcm, frames, &again);
        digest = digest_heard(digest, &heard, parties);
        CHECK(digest_heard(1, &heard, parties) == digest_heard(1, &again, parties));
        check_heard(&heard, rate, &judged);
        digits += heard.digits;
        ear = i % 2 ? ear : copy;
    }
    for (uint32_t p = 0; p < parties; p++) {
        digest = digest_bytes(digest, ear.party[p].vad.cell, sizeof ear.party[p].vad.cell);
        digest = digest_bytes(digest, &ear.party[p].vad.probability, sizeof ear.party[p].vad.probability);
        digest = digest_bytes(digest, &ear.party[p].dtmf.history, sizeof ear.party[p].dtmf.history);
    }
    rec_ear_flush(&ear, &heard);
    CHECK(heard.judged == heard.head && heard.blocks == 0);
    return digits;
}

static void hear_digit(void) {
    static int16_t pcm[800];
    static rec_ear ear;
    rec_heard heard;
    CHECK(rec_ear_init(&ear, 8000, 1, 0) == 0);
    fill(pcm, 400, 1, 0, 4);
    rec_ear_hear(&ear, pcm, 800, &heard);
    CHECK(heard.digits == 2 && heard.digit[0].digit == '5' && heard.digit[0].kind == REC_DIGIT_ON);
    CHECK(heard.digit[0].frame < 8 && heard.digit[1].frame > 390 && heard.digit[1].frame < 408);
}

int main(void) {
    rec_ear ear;
    CHECK(rec_ear_init(&ear, 11025, 1, 0) == -1 && rec_ear_init(&ear, 8000, 3, 0) == -1);
    CHECK(rec_ear_init(&ear, 8000, 0, 0) == -1 && rec_ear_init(&ear, 8000, 1, 40) == -1);
    hear_digit();
    const char *asked = getenv("REC_TEST_BLOCKS");
    int rounds = (asked != NULL ? atoi(asked) : BLOCKS) / (4 * REC_EAR_PARTIES);
    for (uint32_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
        for (uint32_t parties = 1; parties <= REC_EAR_PARTIES; parties++)
            CHECK(hear_random_blocks(i, parties, rounds) > 0);
    printf("%d random blocks; the ear's digest is %08x\n", rounds * 4 * REC_EAR_PARTIES, digest);
    return 0;
}

/* The beep against libm's sine. */
#define _GNU_SOURCE /* M_PI beside -std=c11 */
#include "check.h"

#include "tone.h"

#include <math.h>
#include <stdint.h>

enum { RATE = 8000, FRAMES = 3200, EDGE = 40 };

static int16_t pcm[48000];

static void test_middle_is_the_sine(void) {
    rec_tone(pcm, FRAMES, RATE, 1400.0, 8231.0);
    for (int i = EDGE; i < FRAMES - EDGE; i++)
        CHECK(fabs(pcm[i] - 8231.0 * sin(2 * M_PI * 1400.0 * i / RATE)) <= 0.51);
}

static void test_edges_are_raised_cosines(void) {
    rec_tone(pcm, FRAMES, RATE, 1400.0, 30000.0);
    for (int i = 0; i < EDGE; i++) {
        double gain = (1 - cos(M_PI * i / EDGE)) / 2, last = (double)(FRAMES - 1 - i);
        CHECK(fabs(pcm[i] - 30000.0 * gain * sin(2 * M_PI * 1400.0 * i / RATE)) <= 0.51);
        CHECK(fabs(pcm[FRAMES - 1 - i] - 30000.0 * gain * sin(2 * M_PI * 1400.0 * last / RATE)) <= 0.51);
    }
    CHECK(pcm[0] == 0 && pcm[FRAMES - 1] == 0);
}

static void test_full_scale_does_not_overflow(void) {
    rec_tone(pcm, 48000, 48000, 997.0, 32767.0);
    int16_t highest = 0, lowest = 0;
    for (int i = 0; i < 48000; i++) {
        highest = pcm[i] > highest ? pcm[i] : highest;
        lowest = pcm[i] < lowest ? pcm[i] : lowest;
    }
    CHECK(highest == 32767 && lowest == -32767);
}

/* The same on every CPU: this is what x86-64 computes. */
static void test_bytes_are_these(void) {
    uint32_t hash = 2166136261u;
    rec_tone(pcm, FRAMES, RATE, 1000.0, 8231.0);
    for (int i = 0; i < FRAMES; i++)
        hash = (hash ^ (uint16_t)pcm[i]) * 16777619u;
    CHECK(hash == 0xd38578c1u);
}

int main(void) {
    test_middle_is_the_sine();
    test_edges_are_raised_cosines();
    test_full_scale_does_not_overflow();
    test_bytes_are_these();
}

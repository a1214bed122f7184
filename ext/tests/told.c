/* What the ear tells of s16le on stdin, one channel at the rate given: digits with their frames, then a digest of its
 * blocks' levels and voice. test_same_on_cpus.py compares two builds by it. */
#include "ear.h"

#include <stdio.h>
#include <stdlib.h>

int main(int count, char **words) {
    static rec_ear ear;
    static int16_t pcm[960];
    rec_heard heard;
    uint32_t rate = count == 2 ? (uint32_t)atoi(words[1]) : 0, digest = 2166136261u; /* FNV-1a */
    if (rec_ear_init(&ear, rate, 1, 0) < 0)
        return 2;
    for (size_t frames; (frames = fread(pcm, sizeof *pcm, rate / 50, stdin)) > 0;) {
        rec_ear_hear(&ear, pcm, (uint32_t)frames, &heard);
        for (uint32_t i = 0; i < heard.digits; i++)
            printf("%c %llu\n", heard.digit[i].digit, (unsigned long long)heard.digit[i].frame);
        for (size_t i = 0; i < heard.blocks * sizeof heard.block[0][0]; i++)
            digest = (digest ^ ((const uint8_t *)heard.block[0])[i]) * 16777619u;
    }
    printf("%08x\n", digest);
    return 0;
}

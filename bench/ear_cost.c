/* Hear a raw s16le file of one channel as the follower would, 20 ms at a time. bench/ear.py counts the instructions. */
#include <stdio.h>
#include <stdlib.h>

#include "ear.h"

int main(int count, char **words) {
    static rec_ear ear;
    static int16_t pcm[960];
    rec_heard heard;
    uint32_t rate = count == 3 ? (uint32_t)atoi(words[2]) : 0, digits = 0;
    FILE *file = count == 3 ? fopen(words[1], "rb") : NULL;
    if (file == NULL || rec_ear_init(&ear, rate, 1, 0) < 0)
        return 2;
    for (size_t frames; (frames = fread(pcm, sizeof *pcm, rate / 50, file)) > 0; digits += heard.digits)
        rec_ear_hear(&ear, pcm, (uint32_t)frames, &heard);
    printf("%u\n", digits);
    return 0;
}

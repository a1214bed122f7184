/* Look for hum in a raw s16le file of one channel as the follower would, 100 ms at a time; bench/hum.py counts. */
#include <stdio.h>
#include <stdlib.h>

#include "hum.h"

int main(int count, char **words) {
    static rec_hum hum;
    static int16_t pcm[4800];
    rec_hummed hummed;
    uint32_t rate = count == 3 ? (uint32_t)atoi(words[2]) : 0, windows = 0;
    FILE *file = count == 3 ? fopen(words[1], "rb") : NULL;
    if (file == NULL || rate < 8000 || rate > 48000)
        return 2;
    rec_hum_init(&hum, rate, 0);
    for (size_t frames; (frames = fread(pcm, sizeof *pcm, rate / 10, file)) > 0;)
        windows += rec_hum_process(&hum, pcm, 1, (uint32_t)frames, &hummed) && hummed.hz;
    printf("%u\n", windows);
    return 0;
}

/* Restore a voice detector whose snapshot is hostile, and let it hear hostile audio in any cut: values stay 0 .. 1. */
#include "vad.h"

#include <stdlib.h>
#include <string.h>

enum { POKES = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static rec_vad v;
    static int16_t pcm[REC_VAD_MOST];
    float probability[REC_VAD_BLOCKS];
    if (size < POKES)
        return -1;
    rec_vad_init(&v);
    for (size_t i = 0; i < POKES; i += 3)
        ((uint8_t *)&v)[(bytes[i] << 8 | bytes[i + 1]) % sizeof v] ^= bytes[i + 2];
    if (!rec_vad_is_sound(&v))
        rec_vad_init(&v);
    for (size_t at = POKES; at + 2 <= size;) {
        uint32_t samples = 1 + bytes[at] * 3u;
        samples = samples < (size - at) / 2 ? samples : (uint32_t)((size - at) / 2);
        memcpy(pcm, bytes + at, samples * 2);
        uint32_t count = rec_vad_process(&v, pcm, samples, probability);
        if (count > REC_VAD_BLOCKS)
            abort();
        for (uint32_t i = 0; i < count; i++)
            if (!(probability[i] >= 0.0f && probability[i] <= 1.0f))
                abort();
        at += samples * 2;
    }
    return 0;
}

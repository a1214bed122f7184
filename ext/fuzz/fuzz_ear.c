/* Restore an ear whose snapshot is hostile, and let it hear hostile audio. */
#include "ear.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static rec_ear ear;
    static int16_t pcm[800 * REC_EAR_PARTIES];
    rec_heard heard;
    if (size < 64)
        return -1;
    rec_ear_init(&ear, 8000, 2, 0);
    /* The first 64 bytes are pokes into the snapshot, (place, byte); the rest is audio. */
    for (size_t i = 0; i < 63; i += 3)
        ((uint8_t *)&ear)[(bytes[i] << 8 | bytes[i + 1]) % sizeof ear] ^= bytes[i + 2];
    if (rec_ear_check(&ear, sizeof ear, 8000, 2) != 0)
        rec_ear_init(&ear, 8000, 2, 0);
    for (size_t at = 64; at + 4 <= size;) {
        size_t frames = (size - at) / 4 < 800 ? (size - at) / 4 : 800;
        memcpy(pcm, bytes + at, frames * 4);
        rec_ear_hear(&ear, pcm, (uint32_t)frames, &heard);
        if (heard.blocks > REC_HEARD_BLOCKS || heard.digits > REC_HEARD_DIGITS)
            abort();
        at += frames * 4;
    }
    rec_ear_flush(&ear, &heard);
    return 0;
}

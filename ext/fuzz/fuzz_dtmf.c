/* Restore a DTMF detector whose snapshot is hostile, and let it hear hostile audio: digits cut, bent and mixed. */
#include "dtmf.h"

#include <stdlib.h>
#include <string.h>

enum { POKES = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static rec_dtmf d;
    static int16_t pcm[REC_DTMF_MOST];
    rec_dtmf_event events[REC_DTMF_EVENTS];
    if (size < POKES)
        return -1;
    rec_dtmf_init(&d);
    for (size_t i = 0; i < POKES; i += 3)
        ((uint8_t *)&d)[(bytes[i] << 8 | bytes[i + 1]) % sizeof d] ^= bytes[i + 2];
    if (!rec_dtmf_is_sound(&d))
        rec_dtmf_init(&d);
    for (size_t at = POKES; at + 2 <= size;) {
        uint32_t samples = 1 + bytes[at] * 3u;
        samples = samples < (size - at) / 2 ? samples : (uint32_t)((size - at) / 2);
        memcpy(pcm, bytes + at, samples * 2);
        int64_t judged = rec_dtmf_judged(&d);
        uint32_t count = rec_dtmf_process(&d, pcm, samples, events);
        if (count > REC_DTMF_EVENTS || rec_dtmf_judged(&d) < judged)
            abort();
        for (uint32_t i = 0; i < count; i++)
            if (events[i].digit == '\0' || strchr("0123456789ABCD*#", events[i].digit) == NULL)
                abort();
        at += samples * 2;
    }
    return 0;
}

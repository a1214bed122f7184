#include "ear.h"

#include <string.h>

enum { EAR_MAGIC = 0x52414552 }; /* "REAR" */

int rec_ear_init(rec_ear *e, uint32_t rate_hz, uint32_t parties, uint64_t first_frame)
{
    if (rate_hz != 8000 && rate_hz != 16000 && rate_hz != 44100 && rate_hz != 48000)
        return -1;
    if (parties < 1 || parties > REC_EAR_PARTIES || first_frame % (rate_hz / 100) != 0)
        return -1;
    memset(e, 0, sizeof *e);
    e->magic = EAR_MAGIC;
    e->version = REC_EAR_VERSION;
    e->size = sizeof *e;
    e->rate_hz = rate_hz;
    e->parties = parties;
    e->first = e->head = first_frame;
    return 0;
}

void rec_ear_hear(rec_ear *e, const int16_t *pcm, uint32_t frames, rec_heard *out)
{
    (void)pcm;
    memset(out, 0, sizeof *out);
    out->first_block = e->head / (e->rate_hz / 100);
    e->head += frames;
    out->head = e->head;
    out->judged = e->head;
}

void rec_ear_flush(rec_ear *e, rec_heard *out)
{
    memset(out, 0, sizeof *out);
    out->first_block = e->head / (e->rate_hz / 100);
    out->head = out->judged = e->head;
}

int rec_ear_check(const void *bytes, size_t size, uint32_t rate_hz, uint32_t parties)
{
    rec_ear e;
    if (size != sizeof e)
        return -1;
    memcpy(&e, bytes, sizeof e);
    return e.magic == EAR_MAGIC && e.version == REC_EAR_VERSION && e.size == sizeof e && e.rate_hz == rate_hz &&
                   e.parties == parties
               ? 0
               : -1;
}

#include "ear.h"

#include <string.h>

enum {
    EAR_MAGIC = 0x52414552, /* "REAR" */
    PIECE = REC_DECIMATE_MAX,
};

static const uint64_t NOT_CUT = UINT64_MAX; /* no end of the input yet */

int rec_ear_init(rec_ear *e, uint32_t rate_hz, uint32_t parties, uint64_t first_frame) {
    rec_decimate decimate;
    if (rec_decimate_init(&decimate, rate_hz) < 0 || parties < 1 || parties > REC_EAR_PARTIES)
        return -1;
    if (first_frame % (rate_hz / 100) != 0)
        return -1;
    memset(e, 0, sizeof *e);
    e->magic = EAR_MAGIC;
    e->version = REC_EAR_VERSION;
    e->size = sizeof *e;
    e->rate_hz = rate_hz;
    e->parties = parties;
    e->first = e->head = e->judged = first_frame;
    for (uint32_t p = 0; p < parties; p++) {
        e->party[p].decimate = decimate;
        rec_dtmf_init(&e->party[p].dtmf);
        rec_vad_init(&e->party[p].vad);
        rec_level_reset(&e->party[p].level);
    }
    return 0;
}

/* A sample at 8000 Hz as a frame of the line. */
static uint64_t frame_of(const rec_ear *e, int64_t sample) {
    return e->first + rec_decimate_frame(&e->party[0].decimate, sample);
}

static void tell_digits(const rec_ear *e, uint32_t party, const rec_dtmf_event *events, uint32_t count, uint64_t cut,
                        rec_heard *out) {
    for (uint32_t i = 0; i < count; i++) {
        uint64_t frame = frame_of(e, events[i].sample);
        frame = frame < cut ? frame : cut - 1;
        out->digit[out->digits++] = (rec_digit){frame, (uint8_t)party, events[i].on, events[i].digit};
    }
}

/* Give one party's samples, of one block at most, to its detectors. Digits are told at once; the voice detector's block
 * is complete with the line's (decimate.h). */
static void detect(rec_ear *e, uint32_t party, const int16_t *pcm, uint32_t samples, uint64_t cut, rec_heard *out) {
    rec_ear_party *p = &e->party[party];
    int16_t low[REC_DECIMATE_MAX];
    float probability[REC_VAD_BLOCKS];
    rec_dtmf_event events[REC_DTMF_EVENTS];
    uint32_t count = rec_decimate_process(&p->decimate, pcm, samples, low);
    tell_digits(e, party, events, rec_dtmf_process(&p->dtmf, low, count, events), cut, out);
    uint32_t blocks = rec_vad_process(&p->vad, low, count, probability);
    if (blocks > 0)
        p->voice = (uint8_t)(probability[blocks - 1] * 255.0f + 0.5f);
}

static rec_block close_block(rec_ear_party *p) {
    rec_block block = {p->level.min, p->level.max, p->voice, rec_level_rms(&p->level)};
    rec_level_reset(&p->level);
    return block;
}

static void judge(rec_ear *e, rec_heard *out) {
    int64_t least = INT64_MAX;
    for (uint32_t p = 0; p < e->parties; p++) {
        int64_t judged = rec_dtmf_judged(&e->party[p].dtmf);
        least = judged < least ? judged : least;
    }
    uint64_t frame = frame_of(e, least), block = e->head - e->head % (e->rate_hz / 100);
    frame = frame < block ? frame : block;
    e->judged = frame > e->judged ? frame : e->judged;
    out->head = e->head;
    out->judged = e->judged;
}

/* One party's samples of the interleaved ones, in `one` or where they are. */
static const int16_t *part(const int16_t *pcm, uint32_t parties, uint32_t party, uint32_t frames, int16_t *one) {
    if (parties == 1)
        return pcm;
    for (uint32_t i = 0; i < frames; i++)
        one[i] = pcm[i * parties + party];
    return one;
}

void rec_ear_hear(rec_ear *e, const int16_t *pcm, uint32_t frames, rec_heard *out) {
    uint32_t block = e->rate_hz / 100;
    out->blocks = out->digits = 0;
    out->first_block = e->head / block;
    while (frames > 0) {
        uint32_t room = block - (uint32_t)(e->head % block), take = frames < room ? frames : room;
        e->head += take;
        for (uint32_t p = 0; p < e->parties; p++) {
            int16_t one[PIECE];
            const int16_t *samples = part(pcm, e->parties, p, take, one);
            rec_level_process(&e->party[p].level, samples, take);
            detect(e, p, samples, take, NOT_CUT, out);
            if (take == room)
                out->block[p][out->blocks] = close_block(&e->party[p]);
        }
        out->blocks += take == room;
        pcm += take * e->parties;
        frames -= take;
    }
    judge(e, out);
}

void rec_ear_flush(rec_ear *e, rec_heard *out) {
    static const int16_t silence[PIECE];
    uint32_t block = e->rate_hz / 100;
    out->blocks = out->digits = 0;
    out->first_block = e->head / block;
    for (uint32_t i = 0; i < 10; i++) {
        for (uint32_t p = 0; p < e->parties; p++)
            detect(e, p, silence, block, e->head, out);
    }
    out->head = out->judged = e->judged = e->head;
}

static int is_sound(const rec_ear_party *p, uint32_t rate_hz) {
    return rec_decimate_is_sound(&p->decimate, rate_hz) && rec_dtmf_is_sound(&p->dtmf) && rec_vad_is_sound(&p->vad) &&
           p->level.samples < rate_hz;
}

int rec_ear_check(const void *bytes, size_t size, uint32_t rate_hz, uint32_t parties) {
    rec_ear e;
    if (size != sizeof e)
        return -1;
    memcpy(&e, bytes, sizeof e);
    if (e.magic != EAR_MAGIC || e.version != REC_EAR_VERSION || e.size != sizeof e || e.rate_hz != rate_hz ||
        e.parties != parties || parties > REC_EAR_PARTIES)
        return -1;
    for (uint32_t p = 0; p < parties; p++)
        if (!is_sound(&e.party[p], rate_hz))
            return -1;
    return 0;
}

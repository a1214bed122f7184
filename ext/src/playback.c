#include "playback.h"

#include <string.h>

#include "moment.h"

int rec_playback_init(rec_playback *p, const int16_t *pcm, uint64_t frames, uint32_t rate_hz, uint32_t channels) {
    memset(p, 0, sizeof *p);
    if (frames == 0 || rate_hz == 0 || channels == 0)
        return -1;
    p->pcm = pcm;
    p->frames = frames;
    p->rate_hz = rate_hz;
    p->channels = channels;
    return 0;
}

void rec_playback_cut(rec_playback *p) { atomic_store_explicit(&p->cut, 1, memory_order_relaxed); }

int64_t rec_playback_started_ns(const rec_playback *p) {
    return atomic_load_explicit(&p->started_ns, memory_order_acquire);
}

int64_t rec_playback_ended_ns(const rec_playback *p) { return atomic_load_explicit(&p->ended_ns, memory_order_acquire); }

int rec_playback_is_finished(const rec_playback *p) { return atomic_load_explicit(&p->finished, memory_order_acquire); }

static void upmix(int16_t *out, const int16_t *mono, uint64_t frames, uint32_t channels) {
    for (uint64_t i = 0; i < frames; i++)
        for (uint32_t c = 0; c < channels; c++)
            *out++ = mono[i];
}

int rec_playback_callback(const void *input, void *output, unsigned long frames, const rec_pa_time *time,
                          unsigned long flags, void *playback) {
    (void)input;
    (void)flags; /* after an underflow the DAC times of the further blocks are later: nothing to do */
    rec_playback *p = playback;
    rec_moment now;
    rec_moment_read(&now);
    int64_t dac_ns = time == NULL ? 0 : rec_moment_map(&now, time->current_s, time->output_dac_s);
    if (dac_ns == 0)
        dac_ns = now.boot_ns;
    if (p->played == 0)
        atomic_store_explicit(&p->started_ns, dac_ns, memory_order_release);
    uint64_t left = p->frames - p->played, n = frames < left ? frames : left;
    if (atomic_load_explicit(&p->cut, memory_order_relaxed)) {
        memset(output, 0, frames * p->channels * sizeof(int16_t));
        atomic_store_explicit(&p->ended_ns, now.boot_ns, memory_order_release); /* an abort drops what is buffered */
        return REC_PA_ABORT;
    }
    upmix(output, p->pcm + p->played, n, p->channels);
    memset((int16_t *)output + n * p->channels, 0, (frames - n) * p->channels * sizeof(int16_t));
    p->played += n;
    if (n > 0 && p->played == p->frames)
        atomic_store_explicit(&p->ended_ns, dac_ns + (int64_t)((double)n / p->rate_hz * 1e9), memory_order_release);
    int64_t ended_ns = atomic_load_explicit(&p->ended_ns, memory_order_relaxed);
    return ended_ns != 0 && now.boot_ns >= ended_ns ? REC_PA_COMPLETE : REC_PA_CONTINUE;
}

void rec_playback_finished(void *playback) {
    rec_playback *p = playback;
    atomic_store_explicit(&p->finished, 1, memory_order_release);
}

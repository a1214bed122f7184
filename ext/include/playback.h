/* Mono sound from memory to an output device, with the times at which it began and ended there.
 *
 *     rec_playback p;
 *     rec_playback_init(&p, pcm, frames, 8000, 2);               // the same on both channels of the device
 *     Pa_OpenStream(..., rec_playback_callback, &p);
 *     ...
 *     int64_t began = rec_playback_started_ns(&p), ended = rec_playback_ended_ns(&p);   // 0: not known yet
 *
 * The callback ends the stream by itself, but only once its last sample is over, and feeds silence until then: on ALSA
 * PortAudio drops what is buffered when a callback is done. rec_playback_cut ends it at once. It takes no lock,
 * allocates nothing and makes no system call but clock_gettime.
 */
#ifndef REC_PLAYBACK_H
#define REC_PLAYBACK_H

#include <stdatomic.h>
#include <stdint.h>

#include "pa.h"

typedef struct {
    /* Set before the stream starts. */
    const int16_t *pcm; /* the caller's, until the stream is finished */
    uint64_t frames;
    uint32_t rate_hz, channels;
    uint64_t played; /* the PortAudio thread's */
    /* Written by the PortAudio thread, read by any. CLOCK_BOOTTIME at which the first sample sounds, and at which the
     * last one is over. */
    _Atomic int64_t started_ns, ended_ns;
    _Atomic int finished;
    _Atomic int cut; /* written by any thread */
} rec_playback;

/* 0, or -1: no frames, rate or channels. */
int rec_playback_init(rec_playback *p, const int16_t *pcm, uint64_t frames, uint32_t rate_hz, uint32_t channels);
/* Any thread. */
void rec_playback_cut(rec_playback *p);
int64_t rec_playback_started_ns(const rec_playback *p);
int64_t rec_playback_ended_ns(const rec_playback *p);
int rec_playback_is_finished(const rec_playback *p);

int rec_playback_callback(const void *input, void *output, unsigned long frames, const rec_pa_time *time,
                          unsigned long flags, void *playback); /* PaStreamCallback */
void rec_playback_finished(void *playback);                     /* PaStreamFinishedCallback */

#endif

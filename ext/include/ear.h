/* The ear of one line: what its one or two parties do, told in 10 ms blocks and DTMF digits on the line's frame clock.
 *
 *     rec_ear ear;
 *     if (rec_ear_init(&ear, 8000, 2, 0) < 0)
 *         return fail("rate, parties or first frame");
 *     rec_heard heard;
 *     rec_ear_hear(&ear, pcm, 160, &heard);             // interleaved int16, 160 frames: at most 100 ms
 *     if (heard.digits && heard.digit[0].kind == REC_DIGIT_ON)
 *         cut_at(heard.digit[0].frame);
 *
 * A rec_ear is plain memory without pointers: a copy of it goes on exactly as the original would. One thread at a time;
 * nothing is allocated. The results do not depend on how the audio is cut, nor on the CPU: integers, and floats
 * without contraction and without libm.
 */
#ifndef REC_EAR_H
#define REC_EAR_H

#include <stddef.h>
#include <stdint.h>

#include "decimate.h"
#include "dtmf.h"
#include "level.h"
#include "vad.h"

#define REC_EAR_VERSION 12u /* of a saved rec_ear: its layout, and the weights that its values come of */

enum { REC_EAR_PARTIES = 2, REC_HEARD_BLOCKS = 32, REC_HEARD_DIGITS = 64 };
enum { REC_DIGIT_OFF = 0, REC_DIGIT_ON = 1 };

/* What one party did in one 10 ms block. */
typedef struct {
    int16_t min, max;
    uint8_t voice; /* speech probability x 255 */
    uint8_t level; /* RMS in -dBFS x 2; 255: silence */
} rec_block;

_Static_assert(sizeof(rec_block) == 6, "a block is told in six bytes");

typedef struct {
    uint64_t frame; /* the tone's first frame (on) or its last (off) */
    uint8_t party;  /* 0 speak, 1 listen */
    uint8_t kind;   /* REC_DIGIT_ON or REC_DIGIT_OFF */
    char digit;     /* 0-9 A-D * # */
} rec_digit;

/* What one call of rec_ear_hear found. Both tables have room to spare: 100 ms complete at most 11 blocks, and bring at
 * most 16 events (see dtmf.h) of each party. */
typedef struct {
    uint64_t head;        /* frames heard so far, by the line's clock */
    uint64_t judged;      /* below it all is final: at most 100 ms behind head */
    uint64_t first_block; /* number of block[..][0]; block k is frames k*rate/100 .. */
    uint32_t blocks, digits;
    rec_block block[REC_EAR_PARTIES][REC_HEARD_BLOCKS];
    rec_digit digit[REC_HEARD_DIGITS];
} rec_heard;

/* One party's detectors. */
typedef struct {
    rec_decimate decimate;
    rec_dtmf dtmf;
    rec_vad vad;
    rec_level level; /* of the 10 ms block being filled */
    uint8_t voice;   /* speech probability x 255 of the last complete block */
} rec_ear_party;

_Static_assert(sizeof(rec_ear_party) <= 8000, "the detectors of one channel fit in 8 kB");

typedef struct {
    uint32_t magic, version, size;
    uint32_t rate_hz, parties;
    uint64_t first, head; /* first frame and next frame to hear, by the line's clock */
    uint64_t judged;
    rec_ear_party party[REC_EAR_PARTIES];
} rec_ear;

/* Start hearing at `first_frame`. 0, or -1: the rate is not 8000, 16000, 44100 or 48000 Hz, the parties are not 1 or
 * 2, or the first frame is off the line's 10 ms grid. */
int rec_ear_init(rec_ear *e, uint32_t rate_hz, uint32_t parties, uint64_t first_frame);
/* Hear `frames` interleaved frames, at most rate/10 of them. `out` is overwritten. */
void rec_ear_hear(rec_ear *e, const int16_t *pcm, uint32_t frames, rec_heard *out);
/* The input ends here: hear 100 ms of silence that is not counted. Afterwards judged == head; hear no more. */
void rec_ear_flush(rec_ear *e, rec_heard *out);
/* 0: these bytes are a saved rec_ear of this version for this rate and number of parties; else -1. */
int rec_ear_check(const void *bytes, size_t size, uint32_t rate_hz, uint32_t parties);

#endif

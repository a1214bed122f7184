/* A ring of audio frames in a shared file: one writer, any number of readers, and the writer never waits.
 *
 *     rec_ring_writer w;
 *     char why[REC_RING_WHY];
 *     if (rec_ring_create(&w, "/run/recorder-capture/front.ring", "front", 8000, 2, 240000, why) < 0)
 *         return fail(why);
 *     rec_ring_write(&w, pcm, 160);                     // interleaved int16, 160 frames
 *
 *     rec_ring_reader r;
 *     if (rec_ring_open(&r, "/run/recorder-capture/front.ring", why) < 0)
 *         return fail(why);
 *     int64_t got = rec_ring_read(&r, 0, 160, pcm);     // 160, or REC_RING_OVERTAKEN: never torn audio
 *
 * Who may do what: the writer process holds the file's flock and is the only one that stores into the mapping;
 * readers map it read-only and keep their own cursors. Frames are counted from the ring's creation and never
 * start again; a restarted writer attaches and goes on. Everything here is position independent.
 */
#ifndef REC_RING_H
#define REC_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define REC_RING_MAGIC 0x31474E4952434552ull /* "RECRING1" */
#define REC_RING_VERSION 1u
#define REC_RING_LINE_MAX 32
#define REC_RING_WHY 256

enum { REC_RING_SLOTS = 64, REC_RING_CHANNELS_MAX = 64 };
enum { REC_RING_OVERTAKEN = -1, REC_RING_AHEAD = -2 };

/* Why frames are missing. */
enum rec_ring_cause { REC_GAP_OVERRUN = 1, REC_GAP_RESTART = 2, REC_GAP_DEVICE = 3 };

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "the ring needs lock-free 64-bit atomics: ARMv7 or newer");

/* Where the frame counter stood at a moment. Numbered from 1; slot number % REC_RING_SLOTS. */
typedef struct {
    uint64_t frame;
    int64_t boottime_ns; /* CLOCK_BOOTTIME at which that frame was sampled */
    int64_t realtime_ns; /* CLOCK_REALTIME at the same moment */
    double rate_hz;      /* the device's measured rate: frames per second of CLOCK_BOOTTIME */
} rec_ring_anchor;

/* A stretch of filled silence: no audio reached us. */
typedef struct {
    uint64_t number; /* 1, 2, 3 ... */
    uint64_t start;  /* first missing frame */
    uint64_t frames;
    uint32_t cause; /* enum rec_ring_cause */
} rec_ring_gap;

typedef struct rec_ring_header rec_ring_header; /* the file's layout: ring_layout.h */

/* What a side keeps of an open ring. The geometry is copied once, checked, so that nothing the file says later can
 * lead out of the mapping. */
typedef struct {
    rec_ring_header *header;
    _Atomic int16_t *data;
    uint64_t capacity; /* frames */
    uint32_t channels;
    size_t bytes; /* of the whole mapping */
    int fd;       /* holds the flock */
    int attached; /* 1: the file was there already and goes on */
} rec_ring_writer;

typedef struct {
    const rec_ring_header *header;
    const _Atomic int16_t *data;
    uint64_t capacity; /* frames */
    uint32_t channels;
    uint32_t rate_hz;
    size_t bytes; /* of the whole mapping */
} rec_ring_reader;

/* Open the line's ring for writing, under flock: attach to a ring of this boot and geometry that has not ended, else
 * retire the old file and put a new one in its place (temporary name PATH.new, posix_fallocate, rename). `line` is
 * 1..32 of [a-z0-9-]; `capacity_frames` is rounded up to whole pages. 0, or -1 with errno set (EWOULDBLOCK: another
 * writer lives; EINVAL: an argument) and a sentence in `why`. */
int rec_ring_create(rec_ring_writer *w, const char *path, const char *line, uint32_t rate_hz, uint32_t channels,
                    uint64_t capacity_frames, char why[REC_RING_WHY]);
void rec_ring_close_writer(rec_ring_writer *w); /* the file stays, for the next writer and for the readers */

/* Append interleaved frames. Any count: what exceeds the capacity keeps its newest part. Touches the heartbeat. */
void rec_ring_write(rec_ring_writer *w, const int16_t *pcm, uint64_t frames);
/* As rec_ring_write, picking `channels` of a device's interleaved block: map[c] is the device channel of our c. */
void rec_ring_write_mapped(rec_ring_writer *w, const int16_t *pcm, uint64_t frames, uint32_t device_channels,
                           const uint16_t *map);
/* Advance over `frames` of silence and log the gap, before the head moves: who sees the frames sees the gap. A gap
 * longer than the ring leaves the ring all silence. No frames: nothing. */
void rec_ring_write_gap(rec_ring_writer *w, uint64_t frames, enum rec_ring_cause cause);
void rec_ring_write_anchor(rec_ring_writer *w, const rec_ring_anchor *anchor);
void rec_ring_set_ended(rec_ring_writer *w);   /* a file line played to its end: no frame will follow */
void rec_ring_set_retired(rec_ring_writer *w); /* this file is no longer the line's ring */
uint64_t rec_ring_writer_head(const rec_ring_writer *w);
/* The ring as a reader sees it, on the writer's own mapping: good until the writer is closed, not to be closed itself. */
rec_ring_reader rec_ring_view(const rec_ring_writer *w);
int rec_ring_lock_memory(rec_ring_writer *w); /* mlock2 of this ring alone; 0, or -1 with errno */

/* Open for reading. -1 with a sentence in `why`: absent, no regular file, wrong magic, version, boot or size. */
int rec_ring_open(rec_ring_reader *r, const char *path, char why[REC_RING_WHY]);
void rec_ring_close_reader(rec_ring_reader *r);

/* Copy frames first .. first+frames-1. `frames`, or REC_RING_OVERTAKEN (some were overwritten before or while we
 * read; nothing in `pcm` may be used), or REC_RING_AHEAD (not all written yet). */
int64_t rec_ring_read(const rec_ring_reader *r, uint64_t first, uint64_t frames, int16_t *pcm);
uint64_t rec_ring_head(const rec_ring_reader *r);   /* frames written so far */
uint64_t rec_ring_oldest(const rec_ring_reader *r); /* the first frame that can still be read */
/* The newest anchor at or before `frame` that is still logged, else the oldest logged. 0, or -1: none yet. */
int rec_ring_anchor_for(const rec_ring_reader *r, uint64_t frame, rec_ring_anchor *anchor);
/* The gap of that number. 0, -1: not yet written, -2: overwritten. */
int rec_ring_gap_at(const rec_ring_reader *r, uint64_t number, rec_ring_gap *gap);
uint64_t rec_ring_gaps_logged(const rec_ring_reader *r);
/* The frame sampled nearest that moment of CLOCK_BOOTTIME, by the newest anchor; may lie past head. Before the first
 * anchor: head. */
uint64_t rec_ring_frame_at(const rec_ring_reader *r, int64_t boottime_ns);
/* The moments at which `frame` was sampled, by rec_ring_anchor_for. 0, or -1: no anchor yet, both are 0. */
int rec_ring_time_of(const rec_ring_reader *r, uint64_t frame, int64_t *boottime_ns, int64_t *realtime_ns);
int64_t rec_ring_heartbeat_ns(const rec_ring_reader *r); /* CLOCK_BOOTTIME of the last write; 0: none yet */
int rec_ring_is_ended(const rec_ring_reader *r);
int rec_ring_is_retired(const rec_ring_reader *r);
uint32_t rec_ring_rate(const rec_ring_reader *r);
uint32_t rec_ring_channels(const rec_ring_reader *r);
uint64_t rec_ring_capacity(const rec_ring_reader *r);
uint64_t rec_ring_epoch(const rec_ring_reader *r); /* random, made with the file: frames of two epochs don't compare */
const char *rec_ring_line(const rec_ring_reader *r);

#endif

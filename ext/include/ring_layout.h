/* The ring file's layout, for ring.c, ring_log.c, ring_file.c and their tests alone.
 *
 *     | header, REC_RING_HEADER_BYTES up to a whole page | data: capacity x channels int16, whole pages |
 *
 * The first part of the header is written before the file gets its name and never again. The rest is stored by the
 * writer only, as relaxed atomics between fences; each field says what orders it.
 */
#ifndef REC_RING_LAYOUT_H
#define REC_RING_LAYOUT_H

#include "ring.h"

#define REC_RING_HEADER_BYTES 8192u
#define REC_RING_FRAMES_MAX (1ull << 62) /* no head or reserve of a sane ring comes here: 6 million years at 48 kHz */

enum { REC_RING_BOOT_ID = 37, REC_RING_WORDS = 4 };

/* One numbered record. The number is 0 while the words change; readers take the words between two equal looks. */
typedef struct {
    _Atomic uint64_t number;
    _Atomic uint64_t word[REC_RING_WORDS];
} rec_ring_slot;

/* The last REC_RING_SLOTS records; record n stands in slot n % REC_RING_SLOTS. */
typedef struct {
    _Alignas(64) _Atomic uint64_t logged; /* newest number; stored (release) after its slot */
    rec_ring_slot slot[REC_RING_SLOTS];
} rec_ring_log;

struct rec_ring_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes; /* where the data begins */
    uint32_t rate_hz;
    uint32_t channels;
    uint64_t capacity; /* frames */
    uint64_t epoch;
    char boot_id[REC_RING_BOOT_ID];
    char line[REC_RING_LINE_MAX + 1];

    _Alignas(64) _Atomic uint64_t head;    /* frames written; stored (release) after their data */
    _Alignas(64) _Atomic uint64_t reserve; /* frames written or being written; stored before their data, never lowered */
    _Atomic int64_t heartbeat_ns;          /* CLOCK_BOOTTIME of the last write */
    _Atomic uint32_t ended;                /* stored (release) after the last head */
    _Atomic uint32_t retired;
    rec_ring_log anchors;
    rec_ring_log gaps;
};

_Static_assert(sizeof(struct rec_ring_header) <= REC_RING_HEADER_BYTES, "the header outgrew its pages");

/* Append one record: the slot is marked, changed, numbered; then it counts. */
void rec_ring_log_put(rec_ring_log *log, const uint64_t word[REC_RING_WORDS]);
/* 0, -1: not yet written, -2: overwritten. */
int rec_ring_log_get(const rec_ring_log *log, uint64_t number, uint64_t word[REC_RING_WORDS]);

/* Bring the head to the end of a gap that was logged by a writer which died before it moved the head over it. */
void rec_ring_finish_gap(rec_ring_writer *w);

#endif

/* Open a ring file whose header is hostile, and do with it all that a reader may do. */
#define _GNU_SOURCE /* mkstemp beside -std=c11 */
#include "ring.h"
#include "ring_layout.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/fuzz-ring-XXXXXX";
static rec_ring_writer writer; /* gives the bytes that no fuzzer would guess: magic, boot_id, a fitting size */

static void remove_file(void) {
    unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    char why[REC_RING_WHY];
    (void)argc, (void)argv;
    atexit(remove_file);
    close(mkstemp(path)); /* no ring, so it is replaced by one */
    return rec_ring_create(&writer, path, "fuzz", 8000, 2, 1024, why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static int16_t pcm[1024 * REC_RING_CHANNELS_MAX];
    char why[REC_RING_WHY];
    rec_ring_header sound = *writer.header;
    rec_ring_reader r;
    rec_ring_anchor anchor;
    rec_ring_gap gap;
    int64_t boottime_ns, realtime_ns;
    /* The input is a list of (place, byte): pokes into a sound header. */
    for (size_t i = 0; i + 3 <= size; i += 3)
        ((uint8_t *)writer.header)[(bytes[i] << 8 | bytes[i + 1]) % sizeof sound] = bytes[i + 2];
    if (rec_ring_open(&r, path, why) == 0) {
        uint64_t head = rec_ring_head(&r), oldest = rec_ring_oldest(&r);
        rec_ring_read(&r, oldest, head - oldest < 1024 ? head - oldest : 1024, pcm);
        rec_ring_read(&r, oldest, 1024, pcm);
        rec_ring_gap_at(&r, rec_ring_gaps_logged(&r), &gap);
        rec_ring_anchor_for(&r, head, &anchor);
        rec_ring_time_of(&r, head, &boottime_ns, &realtime_ns);
        rec_ring_frame_at(&r, realtime_ns);
        if (strlen(rec_ring_line(&r)) > REC_RING_LINE_MAX)
            abort();
        rec_ring_close_reader(&r);
    }
    memcpy(writer.header, &sound, sizeof sound);
    return 0;
}

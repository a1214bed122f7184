/* Ring files: what is refused, what is gone on with, what is replaced; and writers that die. */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "ring.h"
#include "ring_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char why[REC_RING_WHY];

static int create(rec_ring_writer *w, const char *name, uint32_t rate_hz, uint32_t channels, uint64_t frames) {
    return rec_ring_create(w, scratch(name), "line", rate_hz, channels, frames, why);
}

static void overwrite(const char *name, size_t at, const void *bytes, size_t size) {
    int fd = open(scratch(name), O_RDWR | O_CREAT, 0600);
    CHECK(pwrite(fd, bytes, size, (off_t)at) == (ssize_t)size);
    close(fd);
}

static int refused(const char *name, const char *sentence) {
    rec_ring_reader r;
    if (rec_ring_open(&r, scratch(name), why) == 0)
        return 0;
    if (strstr(why, sentence) == NULL)
        fprintf(stderr, "said: %s\n", why);
    return strstr(why, sentence) != NULL;
}

static void test_reader_refuses_what_is_no_ring(void) {
    rec_ring_writer w;
    struct stat status;
    const uint64_t wrong = 0x1122334455667788;
    CHECK(refused("absent", "No such file"));
    CHECK(refused(".", "no regular file"));
    CHECK(mkfifo(scratch("fifo"), 0600) == 0 && refused("fifo", "no regular file"));
    overwrite("short", 0, "RECRING1", 8);
    CHECK(refused("short", "too short: 8 bytes"));
    CHECK(create(&w, "r", 8000, 1, 100) == 0 && stat(scratch("r"), &status) == 0);
    CHECK((status.st_mode & 07777) == 0600 && status.st_blocks * 512 >= status.st_size);
    rec_ring_header h = *w.header;
#define BREAK(field, sentence)                                                                            \
    overwrite("r", offsetof(rec_ring_header, field), &wrong, sizeof h.field < 8 ? sizeof h.field : 8); \
    CHECK(refused("r", sentence));                                                                        \
    overwrite("r", offsetof(rec_ring_header, field), &h.field, sizeof h.field)
    BREAK(magic, "wrong magic");
    BREAK(version, "version 1432778632");
    BREAK(boot_id, "another boot");
    BREAK(capacity, "wrong size");
    BREAK(channels, "makes no sense");
    BREAK(header_bytes, "makes no sense");
    char unending[REC_RING_LINE_MAX + 1];
    memset(unending, 'a', sizeof unending);
    overwrite("r", offsetof(rec_ring_header, line), unending, sizeof unending);
    CHECK(refused("r", "makes no sense"));
    overwrite("r", offsetof(rec_ring_header, line), h.line, sizeof h.line);
    overwrite("r", (size_t)status.st_size, "x", 1);
    CHECK(refused("r", "wrong size"));
    rec_ring_close_writer(&w);
}

static void test_writer_refuses_bad_arguments(void) {
    rec_ring_writer w;
    const char *lines[] = {"", "Front", "a b", "../x", "123456789012345678901234567890123"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CHECK(rec_ring_create(&w, scratch("bad"), lines[i], 8000, 1, 100, why) == -1 && errno == EINVAL);
    CHECK(create(&w, "bad", 0, 1, 100) == -1 && errno == EINVAL);
    CHECK(create(&w, "bad", 8000, 0, 100) == -1 && errno == EINVAL);
    CHECK(create(&w, "bad", 8000, 65, 100) == -1 && errno == EINVAL);
    CHECK(create(&w, "bad", 8000, 1, 0) == -1 && errno == EINVAL);
    CHECK(create(&w, "bad", 8000, 1, UINT64_MAX) == -1 && errno == EINVAL);
    CHECK(create(&w, "no/such/directory", 8000, 1, 100) == -1 && errno == ENOENT);
    CHECK(create(&w, ".", 8000, 1, 100) == -1 && errno == EISDIR);
    CHECK(symlink("/dev/null", scratch("link")) == 0);
    CHECK(create(&w, "link", 8000, 1, 100) == -1 && errno == ELOOP);
    CHECK(access(scratch("bad"), F_OK) < 0 && access(scratch("bad.new"), F_OK) < 0);
}

static void test_next_writer_goes_on(void) {
    rec_ring_writer w, second;
    rec_ring_reader r;
    int16_t pcm[100] = {42}, got[100];
    CHECK(create(&w, "on", 8000, 1, 100) == 0 && !w.attached);
    CHECK(rec_ring_open(&r, scratch("on"), why) == 0);
    CHECK(create(&second, "on", 8000, 1, 100) == -1 && errno == EWOULDBLOCK);
    rec_ring_write(&w, pcm, 100);
    rec_ring_close_writer(&w);
    CHECK(create(&w, "on", 8000, 1, 100) == 0 && w.attached && rec_ring_writer_head(&w) == 100);
    rec_ring_write(&w, pcm, 100);
    CHECK(rec_ring_read(&r, 100, 100, got) == 100 && got[0] == 42);
    rec_ring_close_writer(&w);
    rec_ring_close_reader(&r);
}

/* A ring made by `make` is not gone on with under this geometry: the old one is retired, the new one starts at 0. */
static void is_replaced(const char *name, uint32_t rate_hz, uint32_t channels, uint64_t frames, int ended) {
    rec_ring_writer w;
    rec_ring_reader old, now;
    int16_t pcm[64] = {0};
    CHECK(create(&w, name, 8000, 1, 100) == 0);
    rec_ring_write(&w, pcm, 10);
    if (ended)
        rec_ring_set_ended(&w);
    CHECK(rec_ring_open(&old, scratch(name), why) == 0);
    rec_ring_close_writer(&w);
    CHECK(!rec_ring_is_retired(&old) && rec_ring_is_ended(&old) == ended);
    CHECK(create(&w, name, rate_hz, channels, frames) == 0 && !w.attached && rec_ring_writer_head(&w) == 0);
    CHECK(rec_ring_is_retired(&old) && rec_ring_open(&now, scratch(name), why) == 0);
    CHECK(rec_ring_epoch(&old) != rec_ring_epoch(&now) && !rec_ring_is_retired(&now));
    rec_ring_close_reader(&old);
    rec_ring_close_reader(&now);
    rec_ring_close_writer(&w);
    unlink(scratch(name));
}

static void test_misfit_is_retired_and_replaced(void) {
    rec_ring_writer w;
    is_replaced("rate", 16000, 1, 100, 0);
    is_replaced("channels", 8000, 2, 100, 0);
    is_replaced("capacity", 8000, 1, 100000, 0);
    is_replaced("ended", 8000, 1, 100, 1);
    overwrite("garbage", 0, "no ring at all", 14);
    overwrite("garbage.new", 0, "left by a writer that died", 26);
    CHECK(create(&w, "garbage", 8000, 1, 100) == 0 && !w.attached);
    CHECK(access(scratch("garbage.new"), F_OK) < 0);
    rec_ring_close_writer(&w);
}

static void test_write_cut_short_costs_what_it_overwrote(void) {
    rec_ring_writer w;
    rec_ring_reader r;
    static int16_t pcm[2048];
    CHECK(create(&w, "cut", 8000, 1, 2048) == 0 && rec_ring_open(&r, scratch("cut"), why) == 0);
    uint64_t capacity = w.capacity;
    for (uint64_t done = 0; done < 2 * capacity; done += 2048)
        rec_ring_write(&w, pcm, 2048);
    uint64_t head = rec_ring_writer_head(&w);
    atomic_store(&w.header->reserve, head + 160); /* killed between reserve and head */
    rec_ring_close_writer(&w);
    CHECK(rec_ring_read(&r, head - capacity + 159, 1, pcm) == REC_RING_OVERTAKEN);
    CHECK(rec_ring_read(&r, head - capacity + 160, 1, pcm) == 1);
    CHECK(create(&w, "cut", 8000, 1, 2048) == 0 && w.attached && rec_ring_writer_head(&w) == head);
    rec_ring_write(&w, pcm, 100);
    CHECK(rec_ring_oldest(&r) == head + 160 - capacity && rec_ring_head(&r) == head + 100);
    rec_ring_write(&w, pcm, 100);
    CHECK(rec_ring_oldest(&r) == head + 200 - capacity);
    rec_ring_close_writer(&w);
    rec_ring_close_reader(&r);
}

static void test_gap_cut_short_is_finished(void) {
    rec_ring_writer w;
    rec_ring_reader r;
    CHECK(create(&w, "gap", 8000, 1, 2048) == 0 && rec_ring_open(&r, scratch("gap"), why) == 0);
    rec_ring_log_put(&w.header->gaps, (uint64_t[]){0, 12345, REC_GAP_DEVICE, 0}); /* killed before the head moved */
    rec_ring_close_writer(&w);
    CHECK(create(&w, "gap", 8000, 1, 2048) == 0 && w.attached && rec_ring_writer_head(&w) == 12345);
    CHECK(rec_ring_gaps_logged(&r) == 1);
    rec_ring_close_writer(&w);
    rec_ring_close_reader(&r);
}

static int16_t sample(uint64_t frame) {
    return (int16_t)((frame + 1) * 0x9E3779B97F4A7C15ull >> 48);
}

/* Write without end, telling the first attachment through `ready`. */
static void write_until_killed(int ready) {
    rec_ring_writer w;
    int16_t pcm[160];
    if (create(&w, "kill", 8000, 1, 2048) < 0 || write(ready, "", 1) != 1)
        _exit(1);
    for (;;) {
        for (uint64_t f = 0; f < 160; f++)
            pcm[f] = sample(rec_ring_writer_head(&w) + f);
        rec_ring_write(&w, pcm, 160);
    }
}

static void test_killed_writer_leaves_a_whole_ring(void) {
    uint64_t before = 0;
    char byte;
    for (int round = 0; round < 30; round++) {
        int ready[2];
        CHECK(pipe(ready) == 0);
        pid_t child = fork();
        if (child == 0)
            write_until_killed(ready[1]);
        CHECK(read(ready[0], &byte, 1) == 1);
        rec_ring_reader r;
        CHECK(rec_ring_open(&r, scratch("kill"), why) == 0);
        while (rec_ring_head(&r) < before + 160 * (uint64_t)(1 + round * 37))
            continue; /* a different moment each time */
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        close(ready[0]);
        close(ready[1]);
        static int16_t pcm[100000];
        uint64_t head = rec_ring_head(&r), oldest = rec_ring_oldest(&r);
        CHECK(head >= before && head - oldest <= rec_ring_capacity(&r));
        CHECK(rec_ring_read(&r, oldest, head - oldest, pcm) == (int64_t)(head - oldest));
        for (uint64_t f = oldest; f < head; f++)
            CHECK(pcm[f - oldest] == sample(f));
        before = head;
        rec_ring_close_reader(&r);
    }
}

static void test_no_room_leaves_nothing(void) {
    rec_ring_writer w;
    struct rlimit before, small;
    CHECK(getrlimit(RLIMIT_FSIZE, &before) == 0);
    small = (struct rlimit){.rlim_cur = 10000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK(create(&w, "room", 8000, 1, 100000) == -1 && errno == EFBIG && strstr(why, "no room for"));
    CHECK(setrlimit(RLIMIT_FSIZE, &before) == 0);
    CHECK(access(scratch("room"), F_OK) < 0 && access(scratch("room.new"), F_OK) < 0);
}

int main(void) {
    test_reader_refuses_what_is_no_ring();
    test_writer_refuses_bad_arguments();
    test_next_writer_goes_on();
    test_misfit_is_retired_and_replaced();
    test_write_cut_short_costs_what_it_overwrote();
    test_gap_cut_short_is_finished();
    test_killed_writer_leaves_a_whole_ring();
    test_no_room_leaves_nothing();
}

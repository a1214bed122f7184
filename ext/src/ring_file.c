/* Ring files: how one comes to be, how it is checked, how it is taken over by the next writer.
 *
 * Two locks keep writers apart. Whoever writes a ring holds the flock of the file that stands under its name; whoever
 * makes a new one first holds the flock of PATH.new. Both are taken the same way: open, lock, and look whether the
 * name still means the locked file, for it may have been renamed in between. A PATH.new left by a writer that died
 * is simply taken over. So at any moment at most one process stores into what readers find under the name.
 */
#define _GNU_SOURCE
#include "ring.h"

#include "ring_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define REC_RING_BYTES_MAX (1ull << 30) /* 64 channels at 48 kHz for two minutes and a half */
#define LOAD(field) atomic_load_explicit(&(field), memory_order_relaxed)

/* What a ring has to be for a writer to go on with it. */
typedef struct {
    uint32_t rate_hz, channels;
    uint64_t capacity;
    char line[REC_RING_LINE_MAX + 1];
    char boot_id[REC_RING_BOOT_ID];
} geometry;

__attribute__((format(printf, 3, 4))) static int refuse(char why[REC_RING_WHY], int error, const char *format, ...) {
    va_list values;
    va_start(values, format);
    vsnprintf(why, REC_RING_WHY, format, values);
    va_end(values);
    errno = error;
    return -1;
}

static size_t page_bytes(void) {
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t bytes) {
    return (bytes + page_bytes() - 1) / page_bytes() * page_bytes();
}

static int read_boot_id(char boot_id[REC_RING_BOOT_ID], char why[REC_RING_WHY]) {
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? -1 : read(fd, boot_id, REC_RING_BOOT_ID - 1);
    if (fd >= 0)
        close(fd);
    if (got != REC_RING_BOOT_ID - 1)
        return refuse(why, EIO, "cannot read the kernel's boot_id");
    boot_id[got] = '\0';
    return 0;
}

/* What every reader and writer must find before it maps the file: 0, or -1 with errno and `why`. */
static int check(const rec_ring_header *h, uint64_t file_bytes, const char *boot_id, char why[REC_RING_WHY]) {
    if (h->magic != REC_RING_MAGIC)
        return refuse(why, EINVAL, "not a ring: wrong magic");
    if (h->version != REC_RING_VERSION)
        return refuse(why, EINVAL, "ring of version %u, this build reads version %u", h->version, REC_RING_VERSION);
    if (strnlen(h->boot_id, sizeof h->boot_id) == sizeof h->boot_id || strcmp(h->boot_id, boot_id) != 0)
        return refuse(why, EINVAL, "ring of another boot of the machine");
    if (strnlen(h->line, sizeof h->line) == sizeof h->line || h->rate_hz == 0 || h->channels == 0 ||
        h->channels > REC_RING_CHANNELS_MAX || h->header_bytes != whole_pages(REC_RING_HEADER_BYTES))
        return refuse(why, EINVAL, "damaged ring: its header makes no sense");
    uint64_t frame_bytes = h->channels * sizeof(int16_t);
    if (h->capacity == 0 || h->capacity > REC_RING_BYTES_MAX / frame_bytes ||
        file_bytes != h->header_bytes + h->capacity * frame_bytes)
        return refuse(why, EINVAL, "damaged ring: wrong size: %llu bytes for %llu frames of %u channels",
                      (unsigned long long)file_bytes, (unsigned long long)h->capacity, h->channels);
    return 0;
}

/* Read and check the header of an open file. */
static int read_header(int fd, const char *boot_id, rec_ring_header *h, uint64_t *file_bytes, char why[REC_RING_WHY]) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return refuse(why, errno, "cannot be looked at: %s", strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(why, EINVAL, "no regular file");
    *file_bytes = (uint64_t)status.st_size;
    ssize_t got = pread(fd, h, sizeof *h, 0);
    if (got < 0)
        return refuse(why, errno, "cannot be read: %s", strerror(errno));
    if ((size_t)got < sizeof *h)
        return refuse(why, EINVAL, "not a ring: too short: %llu bytes", (unsigned long long)*file_bytes);
    return check(h, *file_bytes, boot_id, why);
}

int rec_ring_open(rec_ring_reader *r, const char *path, char why[REC_RING_WHY]) {
    rec_ring_header h;
    uint64_t file_bytes;
    char boot_id[REC_RING_BOOT_ID];
    if (read_boot_id(boot_id, why) < 0)
        return -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return refuse(why, errno, "cannot be opened: %s", strerror(errno));
    if (read_header(fd, boot_id, &h, &file_bytes, why) < 0) {
        int error = errno;
        close(fd);
        errno = error;
        return -1;
    }
    void *base = mmap(NULL, file_bytes, PROT_READ, MAP_SHARED, fd, 0);
    int error = errno;
    close(fd);
    if (base == MAP_FAILED)
        return refuse(why, error, "cannot be mapped: %s", strerror(error));
    *r = (rec_ring_reader){.header = base,
                           .data = (const _Atomic int16_t *)((const char *)base + h.header_bytes),
                           .capacity = h.capacity,
                           .channels = h.channels,
                           .rate_hz = h.rate_hz,
                           .bytes = file_bytes};
    return 0;
}

void rec_ring_close_reader(rec_ring_reader *r) {
    if (r->header)
        munmap((void *)r->header, r->bytes);
    r->header = NULL;
}

/* Open and lock `path`; the name means the locked file when this returns. A descriptor, or -1 with errno (ENOENT: no
 * such file and no O_CREAT; EWOULDBLOCK: locked by another). */
static int open_locked(const char *path, int flags) {
    for (;;) {
        struct stat here, there;
        int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | flags, 0600);
        if (fd < 0)
            return -1;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &here) < 0) {
            int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        if (lstat(path, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino)
            return fd;
        close(fd); /* it was renamed away, or replaced, before we had the lock */
    }
}

static int map_writer(rec_ring_writer *w, int fd, const geometry *g, int attached, char why[REC_RING_WHY]) {
    size_t header_bytes = whole_pages(REC_RING_HEADER_BYTES);
    size_t bytes = header_bytes + g->capacity * g->channels * sizeof(int16_t);
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return refuse(why, errno, "cannot be mapped: %s", strerror(errno));
    *w = (rec_ring_writer){.header = base,
                           .data = (_Atomic int16_t *)((char *)base + header_bytes),
                           .capacity = g->capacity,
                           .channels = g->channels,
                           .bytes = bytes,
                           .fd = fd,
                           .attached = attached};
    return 0;
}

static int can_go_on(const rec_ring_header *h, const geometry *g) {
    return h->rate_hz == g->rate_hz && h->channels == g->channels && h->capacity == g->capacity &&
           strcmp(h->line, g->line) == 0 && !LOAD(h->ended) && !LOAD(h->retired) &&
           LOAD(h->head) <= LOAD(h->reserve) && LOAD(h->reserve) < REC_RING_FRAMES_MAX;
}

/* Tell the readers of an old ring, whose file we hold, that it is the line's no more. */
static void retire(int fd, const rec_ring_header *h, char why[REC_RING_WHY]) {
    geometry old = {.channels = h->channels, .capacity = h->capacity};
    rec_ring_writer w;
    if (map_writer(&w, fd, &old, 0, why) < 0)
        return; /* then it only falls silent */
    rec_ring_set_retired(&w);
    munmap(w.header, w.bytes);
}

/* Give the locked, empty or half-made file its room and its header. The room is real: a hole in a file on a full
 * tmpfs would be a SIGBUS in the audio callback. */
static int lay_out(int fd, const geometry *g, char why[REC_RING_WHY]) {
    rec_ring_header h;
    memset(&h, 0, sizeof h);
    h.magic = REC_RING_MAGIC;
    h.version = REC_RING_VERSION;
    h.header_bytes = (uint32_t)whole_pages(REC_RING_HEADER_BYTES);
    h.rate_hz = g->rate_hz;
    h.channels = g->channels;
    h.capacity = g->capacity;
    memcpy(h.boot_id, g->boot_id, sizeof h.boot_id);
    memcpy(h.line, g->line, sizeof h.line);
    if (getrandom(&h.epoch, sizeof h.epoch, 0) != sizeof h.epoch)
        return refuse(why, EIO, "the kernel gives no random number");
    uint64_t bytes = h.header_bytes + g->capacity * g->channels * sizeof(int16_t);
    if (ftruncate(fd, 0) < 0 || fchmod(fd, 0600) < 0)
        return refuse(why, errno, "cannot be made: %s", strerror(errno));
    int error = posix_fallocate(fd, 0, (off_t)bytes);
    if (error)
        return refuse(why, error, "no room for %llu bytes: %s", (unsigned long long)bytes, strerror(error));
    if (pwrite(fd, &h, sizeof h, 0) != sizeof h)
        return refuse(why, EIO, "the header cannot be written");
    return 0;
}

/* Make a new ring and give it the name. `old` is the locked file that has it now, or -1: then nobody may take it
 * before us. 0, or -1; errno EEXIST means that somebody did. */
static int replace(rec_ring_writer *w, const char *path, int old, const geometry *g, char why[REC_RING_WHY]) {
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
        return refuse(why, ENAMETOOLONG, "its path is too long");
    int fd = open_locked(temporary, O_CREAT);
    if (fd < 0)
        return refuse(why, errno, errno == EWOULDBLOCK ? "another writer is making it" : "cannot be made: %s",
                      strerror(errno));
    if (lay_out(fd, g, why) == 0 && map_writer(w, fd, g, 0, why) == 0) {
        if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, old < 0 ? RENAME_NOREPLACE : 0) == 0)
            return 0;
        refuse(why, errno, "cannot be given its name: %s", strerror(errno));
        munmap(w->header, w->bytes);
    }
    int error = errno;
    unlink(temporary);
    close(fd);
    errno = error;
    return -1;
}

/* Attach to the locked file, or retire and replace it. */
static int take_over(rec_ring_writer *w, const char *path, int fd, const geometry *g, char why[REC_RING_WHY]) {
    rec_ring_header h;
    uint64_t file_bytes;
    int sound = read_header(fd, g->boot_id, &h, &file_bytes, why) == 0;
    if (sound && can_go_on(&h, g)) {
        if (map_writer(w, fd, g, 1, why) == 0) {
            rec_ring_finish_gap(w);
            return 0;
        }
        close(fd);
        return -1;
    }
    int status = replace(w, path, fd, g, why);
    int error = errno;
    if (status == 0 && sound)
        retire(fd, &h, why); /* after the rename: whoever hears of it finds the new one */
    close(fd);
    errno = error;
    return status;
}

/* Check the arguments and round the capacity up to whole pages. */
static int plan(geometry *g, const char *line, uint32_t rate_hz, uint32_t channels, uint64_t frames, char *why) {
    size_t length = strlen(line);
    if (length < 1 || length > REC_RING_LINE_MAX ||
        strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
        return refuse(why, EINVAL, "line is not 1 to %d of a-z, 0-9 and -", REC_RING_LINE_MAX);
    if (rate_hz == 0 || channels == 0 || channels > REC_RING_CHANNELS_MAX)
        return refuse(why, EINVAL, "%u Hz, %u channels: a ring has a rate and 1 to %d channels", rate_hz, channels,
                      REC_RING_CHANNELS_MAX);
    uint64_t frame_bytes = channels * sizeof(int16_t), step = page_bytes();
    while (step % 2 == 0 && step / 2 * frame_bytes % page_bytes() == 0)
        step /= 2; /* the fewest frames that fill whole pages */
    if (frames == 0 || frames > REC_RING_BYTES_MAX / frame_bytes - step)
        return refuse(why, EINVAL, "a ring of %llu frames of %u channels: from 1 frame to %llu bytes",
                      (unsigned long long)frames, channels, REC_RING_BYTES_MAX);
    *g = (geometry){.rate_hz = rate_hz, .channels = channels, .capacity = (frames + step - 1) / step * step};
    memcpy(g->line, line, length);
    return read_boot_id(g->boot_id, why);
}

int rec_ring_create(rec_ring_writer *w, const char *path, const char *line, uint32_t rate_hz, uint32_t channels,
                    uint64_t capacity_frames, char why[REC_RING_WHY]) {
    geometry g;
    if (plan(&g, line, rate_hz, channels, capacity_frames, why) < 0)
        return -1;
    for (;;) {
        int fd = open_locked(path, 0);
        if (fd >= 0)
            return take_over(w, path, fd, &g, why);
        if (errno == EWOULDBLOCK)
            return refuse(why, EWOULDBLOCK, "another writer has it");
        if (errno != ENOENT)
            return refuse(why, errno, "cannot be opened: %s", strerror(errno));
        if (replace(w, path, -1, &g, why) == 0)
            return 0;
        if (errno != EEXIST) /* EEXIST: another writer was faster; it may have gone again */
            return -1;
    }
}

void rec_ring_close_writer(rec_ring_writer *w) {
    if (w->header) {
        munmap(w->header, w->bytes);
        close(w->fd);
    }
    w->header = NULL;
}

int rec_ring_lock_memory(rec_ring_writer *w) {
    return mlock2(w->header, w->bytes, 0);
}

#define _GNU_SOURCE
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MOST_FDS 65536

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_bytes;
static int trace_fd = -1;
static long sync_ms;
static struct disk_fault *fault;
static char *paths[MOST_FDS];
static uint64_t inodes[MOST_FDS];

__attribute__((constructor)) static void begin(void) {
    const char *trace = getenv("DISK_TRACE"), *faults = getenv("DISK_FAULTS"), *sync = getenv("DISK_SYNC_MS");
    root = getenv("DISK_ROOT");
    if (root == NULL)
        return;
    root_bytes = strlen(root);
    if (sync != NULL)
        sync_ms = atol(sync);
    if (trace != NULL)
        trace_fd = (int)syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (faults != NULL) {
        int fd = (int)syscall(SYS_openat, AT_FDCWD, faults, O_RDWR | O_CLOEXEC, 0);
        void *shared = mmap(NULL, sizeof *fault, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (fd < 0 || shared == MAP_FAILED)
            abort();
        fault = shared;
        syscall(SYS_close, fd);
    }
}

void disk_linger(void) {
    struct timespec time = {0, sync_ms * 1000000L};
    if (sync_ms > 0)
        nanosleep(&time, NULL);
}

void disk_lock(void) { pthread_mutex_lock(&mutex); }

void disk_unlock(void) { pthread_mutex_unlock(&mutex); }

bool disk_is_ours(const char *path) {
    if (root == NULL || path == NULL || strncmp(path, root, root_bytes) != 0 || path[root_bytes] != '/')
        return false;
    size_t bytes = strlen(path);
    return bytes < 4 || strcmp(path + bytes - 4, "-shm") != 0;
}

const char *disk_path_of(int fd, uint64_t *inode) {
    if (fd < 0 || fd >= MOST_FDS || paths[fd] == NULL)
        return NULL;
    *inode = inodes[fd];
    return paths[fd];
}

void disk_opened(int fd, const char *path) {
    struct stat status;
    if (fd < 0 || fd >= MOST_FDS)
        return;
    free(paths[fd]);
    paths[fd] = NULL;
    if (disk_is_ours(path) && fstat(fd, &status) == 0) {
        paths[fd] = strdup(path);
        inodes[fd] = status.st_ino;
    }
}

void disk_closed(int fd) {
    if (fd >= 0 && fd < MOST_FDS && paths[fd] != NULL) {
        free(paths[fd]);
        paths[fd] = NULL;
    }
}

void disk_tell(enum disk_op op, uint64_t inode, const char *path, const char *to, int64_t offset, const void *data,
               size_t bytes) {
    struct timespec now;
    if (trace_fd < 0)
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    struct disk_record record = {
        .op = op,
        .path_bytes = path == NULL ? 0 : (uint32_t)strlen(path),
        .to_bytes = to == NULL ? 0 : (uint32_t)strlen(to),
        .data_bytes = (uint32_t)bytes,
        .inode = inode,
        .offset = offset,
        .time_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec,
    };
    struct iovec parts[] = {
        {&record, sizeof record},
        {(void *)(uintptr_t)path, record.path_bytes},
        {(void *)(uintptr_t)to, record.to_bytes},
        {(void *)(uintptr_t)data, bytes},
    };
    long all = (long)(sizeof record + record.path_bytes + record.to_bytes + bytes);
    if (syscall(SYS_writev, trace_fd, parts, 4) != all)
        abort(); /* a trace with a hole proves nothing */
}

int disk_fault(int class, const char *path, const char *to) {
    if (fault == NULL || !atomic_load(&fault->armed) || !(fault->classes & (uint32_t)class))
        return 0;
    if (strstr(path, fault->path) == NULL && (to == NULL || strstr(to, fault->path) == NULL))
        return 0;
    uint32_t number = atomic_fetch_add(&fault->seen, 1);
    if (number != fault->first && !(fault->forever && number > fault->first))
        return 0;
    atomic_fetch_add(&fault->failed, 1);
    return (int)fault->error;
}

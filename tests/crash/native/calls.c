/* The C library's calls by which files change, each done as it was asked for, and told. */
#define _GNU_SOURCE
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* The C library's own function of that name. */
#define REAL(name) ((__typeof__(&name))next(#name))

static void *next(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (found == NULL)
        __builtin_trap();
    return found;
}

static int failing(int class, const char *path, const char *to) {
    int error = disk_fault(class, path, to);
    if (error != 0)
        errno = error;
    return error;
}

/* Opening. */

static int opened(int at, const char *path, int flags, mode_t mode) {
    int (*real)(int, const char *, int, ...) = REAL(openat);
    if (!disk_is_ours(path))
        return real(at, path, flags, mode);
    disk_lock();
    struct stat before;
    bool makes = (flags & O_CREAT) && lstat(path, &before) != 0;
    int fd = -1;
    if (!(makes || (flags & O_TRUNC)) || !failing(DISK_WRITES, path, NULL))
        fd = real(at, path, flags, mode);
    int error = errno;
    if (fd >= 0) {
        uint64_t inode = 0;
        disk_opened(fd, path);
        disk_path_of(fd, &inode);
        if (makes)
            disk_tell(DISK_CREATE, inode, path, NULL, 0, NULL, 0);
        else if (flags & O_TRUNC)
            disk_tell(DISK_LENGTH, inode, path, NULL, 0, NULL, 0);
    }
    disk_unlock();
    errno = error;
    return fd;
}

#define MODE_OF(flags)                                                                                                 \
    mode_t mode = 0;                                                                                                   \
    if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) {                                                                             \
        va_list rest;                                                                                                  \
        va_start(rest, flags);                                                                                         \
        mode = va_arg(rest, mode_t);                                                                                   \
        va_end(rest);                                                                                                  \
    }

int open(const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened(AT_FDCWD, path, flags, mode);
}

int openat(int at, const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened(at, path, flags, mode);
}

int openat64(int at, const char *path, int flags, ...) {
    MODE_OF(flags)
    return opened(at, path, flags, mode);
}

int close(int fd) {
    int (*real)(int) = REAL(close);
    disk_lock();
    disk_closed(fd);
    int done = real(fd);
    disk_unlock();
    return done;
}

/* Writing. */

static ssize_t written(int fd, const void *data, size_t bytes, off_t offset, bool here) {
    ssize_t (*real_here)(int, const void *, size_t) = REAL(write);
    ssize_t (*real_at)(int, const void *, size_t, off_t) = REAL(pwrite);
    uint64_t inode = 0;
    const char *path = disk_path_of(fd, &inode);
    if (path == NULL)
        return here ? real_here(fd, data, bytes) : real_at(fd, data, bytes, offset);
    disk_lock();
    ssize_t done = -1;
    if (here)
        offset = lseek(fd, 0, SEEK_CUR);
    if (!failing(DISK_WRITES, path, NULL))
        done = here ? real_here(fd, data, bytes) : real_at(fd, data, bytes, offset);
    int error = errno;
    if (done > 0)
        disk_tell(DISK_WRITE, inode, path, NULL, offset, data, (size_t)done);
    disk_unlock();
    errno = error;
    return done;
}

ssize_t write(int fd, const void *data, size_t bytes) {
    if (fd == STDOUT_FILENO) {
        disk_lock();
        disk_tell(DISK_TOLD, 1, NULL, NULL, 0, data, bytes);
        disk_unlock();
    }
    return written(fd, data, bytes, 0, true);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t offset) { return written(fd, data, bytes, offset, false); }

ssize_t pwrite64(int fd, const void *data, size_t bytes, off64_t offset) {
    return written(fd, data, bytes, offset, false);
}

ssize_t send(int fd, const void *data, size_t bytes, int flags) {
    ssize_t (*real)(int, const void *, size_t, int) = REAL(send);
    disk_lock();
    disk_tell(DISK_TOLD, 0, NULL, NULL, fd, data, bytes);
    disk_unlock();
    return real(fd, data, bytes, flags);
}

static int sized(int fd, off_t length) {
    int (*real)(int, off_t) = REAL(ftruncate);
    uint64_t inode = 0;
    const char *path = disk_path_of(fd, &inode);
    if (path == NULL)
        return real(fd, length);
    disk_lock();
    int done = failing(DISK_WRITES, path, NULL) ? -1 : real(fd, length);
    int error = errno;
    if (done == 0)
        disk_tell(DISK_LENGTH, inode, path, NULL, length, NULL, 0);
    disk_unlock();
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return sized(fd, length); }

int ftruncate64(int fd, off64_t length) { return sized(fd, length); }

static int allocated(int fd, off_t offset, off_t length) {
    int (*real)(int, off_t, off_t) = REAL(posix_fallocate);
    uint64_t inode = 0;
    const char *path = disk_path_of(fd, &inode);
    if (path == NULL)
        return real(fd, offset, length);
    disk_lock();
    int error = disk_fault(DISK_WRITES, path, NULL);
    if (error == 0)
        error = real(fd, offset, length);
    if (error == 0)
        disk_tell(DISK_ALLOCATE, inode, path, NULL, offset + length, NULL, 0);
    disk_unlock();
    return error;
}

int posix_fallocate(int fd, off_t offset, off_t length) { return allocated(fd, offset, length); }

int posix_fallocate64(int fd, off64_t offset, off64_t length) { return allocated(fd, offset, length); }

/* Names. */

#define NAMED(class, op, path, to, call)                                                                                      \
    do {                                                                                                               \
        if (!disk_is_ours(path))                                                                                       \
            return call;                                                                                               \
        disk_lock();                                                                                                   \
        int done_ = failing(class, path, to) ? -1 : call;                                                              \
        int error_ = errno;                                                                                            \
        if (done_ == 0)                                                                                                \
            disk_tell(op, 0, path, to, 0, NULL, 0);                                                                    \
        disk_unlock();                                                                                                 \
        errno = error_;                                                                                                \
        return done_;                                                                                                  \
    } while (0)

int rename(const char *from, const char *to) { NAMED(DISK_WRITES, DISK_RENAME, from, to, REAL(rename)(from, to)); }

int renameat(int at, const char *from, int at_to, const char *to) {
    NAMED(DISK_WRITES, DISK_RENAME, from, to, REAL(renameat)(at, from, at_to, to));
}

int link(const char *from, const char *to) { NAMED(DISK_WRITES, DISK_LINK, from, to, REAL(link)(from, to)); }

int linkat(int at, const char *from, int at_to, const char *to, int flags) {
    NAMED(DISK_WRITES, DISK_LINK, from, to, REAL(linkat)(at, from, at_to, to, flags));
}

int unlink(const char *path) { NAMED(DISK_REMOVALS, DISK_UNLINK, path, NULL, REAL(unlink)(path)); }

int unlinkat(int at, const char *path, int flags) {
    NAMED(DISK_REMOVALS, (flags & AT_REMOVEDIR) ? DISK_RMDIR : DISK_UNLINK, path, NULL, REAL(unlinkat)(at, path, flags));
}

int mkdir(const char *path, mode_t mode) { NAMED(DISK_WRITES, DISK_MKDIR, path, NULL, REAL(mkdir)(path, mode)); }

int mkdirat(int at, const char *path, mode_t mode) { NAMED(DISK_WRITES, DISK_MKDIR, path, NULL, REAL(mkdirat)(at, path, mode)); }

int rmdir(const char *path) { NAMED(DISK_REMOVALS, DISK_RMDIR, path, NULL, REAL(rmdir)(path)); }

/* Syncing: what was written before it began is on the disk when it has ended. The lock is not held meanwhile. */

static int synced(int fd, int (*real)(int), enum disk_op begin) {
    static int64_t pairs;
    uint64_t inode = 0;
    const char *path = disk_path_of(fd, &inode);
    if (path == NULL)
        return real(fd);
    disk_lock();
    int64_t pair = ++pairs;
    bool fails = failing(DISK_SYNCS, path, NULL) != 0;
    char name[1024];
    strncpy(name, path, sizeof name - 1);
    name[sizeof name - 1] = 0;
    disk_tell(begin, inode, name, NULL, pair, NULL, 0);
    int error = errno;
    disk_unlock();
    errno = error;
    int done = fails ? -1 : real(fd);
    error = errno;
    disk_linger();
    disk_lock();
    if (done == 0)
        disk_tell(begin + 1, inode, name, NULL, pair, NULL, 0);
    disk_unlock();
    errno = error;
    return done;
}

int fsync(int fd) { return synced(fd, REAL(fsync), DISK_SYNC_BEGIN); }

int fdatasync(int fd) { return synced(fd, REAL(fdatasync), DISK_SYNC_BEGIN); }

int syncfs(int fd) { return synced(fd, REAL(syncfs), DISK_SYNC_ALL_BEGIN); }

/* What a process does to the files below one directory: told to a trace, and made to fail where it is asked for.

   Environment: DISK_ROOT, the directory; DISK_TRACE, a file that records are appended to; DISK_FAULTS, a file of one
   `struct disk_fault`, shared with whoever sets it; DISK_SYNC_MS, how long a sync takes at least. Without DISK_ROOT
   nothing happens. */
#ifndef DISK_H
#define DISK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum disk_op {
    DISK_CREATE = 1,
    DISK_WRITE,    /* data at offset */
    DISK_LENGTH,   /* the file was made `offset` bytes long */
    DISK_ALLOCATE, /* the file is at least `offset` bytes long */
    DISK_RENAME,
    DISK_LINK,
    DISK_UNLINK,
    DISK_MKDIR,
    DISK_RMDIR,
    DISK_SYNC_BEGIN, /* fsync, fdatasync: of `inode`; offset pairs it with its end */
    DISK_SYNC_END,
    DISK_SYNC_ALL_BEGIN, /* syncfs, sync */
    DISK_SYNC_ALL_END,
    DISK_TOLD, /* data went to a socket, or to standard output (inode 1) */
    DISK_MARK, /* a line of the test's own */
};

struct disk_record {
    uint32_t op;
    uint32_t path_bytes, to_bytes, data_bytes; /* they follow, in this order */
    uint64_t inode;
    int64_t offset;
    uint64_t time_ns; /* CLOCK_REALTIME, behind the operation */
};

/* Which operations fail. Those that count have `path` in their path and their class in `classes`. */
struct disk_fault {
    atomic_uint armed;
    uint32_t classes; /* which of enum disk_class, as bits */
    uint32_t error;   /* errno */
    uint32_t first;   /* the first that fails, from 0 */
    uint32_t forever; /* all behind it fail too */
    atomic_uint seen; /* how many counted since `armed` was set */
    atomic_uint failed;
    char path[100];
};

enum disk_class { DISK_WRITES = 1 /* and new names */, DISK_SYNCS = 2, DISK_REMOVALS = 4 };

void disk_lock(void);
void disk_unlock(void);

/* Whether `path` is an absolute one below the root, and no memory shared between processes. */
bool disk_is_ours(const char *path);

/* The descriptor's path, as it was opened, and its inode; NULL: not ours. */
const char *disk_path_of(int fd, uint64_t *inode);
void disk_opened(int fd, const char *path);
void disk_closed(int fd);

/* Append a record. The lock is held. */
void disk_tell(enum disk_op op, uint64_t inode, const char *path, const char *to, int64_t offset, const void *data,
               size_t bytes);

/* What is added to each sync, so that others write meanwhile. The lock is not held. */
void disk_linger(void);

/* The errno with which this operation is to fail, 0: it is not. */
int disk_fault(int class, const char *path, const char *to);

#endif

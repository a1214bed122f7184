/* Writers that want one ring at the same moment: one gets it, and it is the one under the name.
 *
 * flock and renameat2 are this program's own here, so that another writer can come in right before them.
 */
#define _GNU_SOURCE
#include "check.h"
#include "scratch.h"

#include "ring.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char why[REC_RING_WHY];
static rec_ring_writer other;
static void (*before_flock)(void), (*before_rename)(void);

static void happen(void (**event)(void)) {
    void (*now)(void) = *event;
    *event = NULL; /* once; it may lock and rename itself */
    if (now)
        now();
}

int flock(int fd, int operation) {
    happen(&before_flock);
    return (int)syscall(SYS_flock, fd, operation);
}

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    happen(&before_rename);
    return (int)syscall(SYS_renameat2, from_at, from, to_at, to, flags);
}

static int create(rec_ring_writer *w, const char *name, uint32_t rate_hz) {
    char path[PATH_MAX]; /* what comes in between may ask for another scratch path */
    strcpy(path, scratch(name));
    return rec_ring_create(w, path, "line", rate_hz, 1, 100, why);
}

/* Whether the writer's file is the one that stands under the name. */
static int stands(const rec_ring_writer *w, const char *name) {
    struct stat ours, named;
    CHECK(fstat(w->fd, &ours) == 0 && stat(scratch(name), &named) == 0);
    return ours.st_ino == named.st_ino;
}

static void other_replaces_and_dies(void) {
    CHECK(create(&other, "away", 16000) == 0);
    rec_ring_close_writer(&other);
}

static void test_file_replaced_before_it_was_locked_is_left_alone(void) {
    rec_ring_writer w;
    CHECK(create(&w, "away", 8000) == 0);
    rec_ring_close_writer(&w);
    before_flock = other_replaces_and_dies;
    CHECK(create(&w, "away", 16000) == 0 && w.attached && stands(&w, "away"));
    rec_ring_close_writer(&w);
}

static void other_makes_it_first(void) {
    CHECK(unlink(scratch("first.new")) == 0); /* as if it had come before us there, too */
    CHECK(create(&other, "first", 8000) == 0);
    CHECK(close(open(scratch("first.new"), O_RDWR | O_CREAT, 0600)) == 0);
}

static void test_ring_made_by_a_faster_writer_is_not_replaced(void) {
    rec_ring_writer w;
    before_rename = other_makes_it_first;
    CHECK(create(&w, "first", 8000) == -1 && errno == EWOULDBLOCK && stands(&other, "first"));
    rec_ring_close_writer(&other);
}

/* Become a writer of `name`, say so, and hold the ring until the pipe closes: 0 if it was given, 1 if another had it. */
static int hold_ring(const char *name, int start_fd, int end_fd) {
    rec_ring_writer w;
    char byte;
    if (read(start_fd, &byte, 1) != 0) /* all begin when the parent closes it */
        return 2;
    int given = create(&w, name, 8000) == 0;
    if (!given && errno != EWOULDBLOCK)
        return 3;
    if (write(STDOUT_FILENO, given ? "w" : "l", 1) != 1 || read(end_fd, &byte, 1) != 0)
        return 2;
    return !given;
}

static void race(const char *name) {
    enum { WRITERS = 8 };
    int begin[2], end[2], told[2], winners = 0;
    pid_t child[WRITERS];
    char byte;
    CHECK(pipe(begin) == 0 && pipe(end) == 0 && pipe(told) == 0);
    for (int i = 0; i < WRITERS; i++) {
        child[i] = fork();
        if (child[i] == 0) {
            dup2(told[1], STDOUT_FILENO);
            close(begin[1]);
            close(end[1]);
            _exit(hold_ring(name, begin[0], end[0]));
        }
    }
    close(begin[1]);
    for (int i = 0; i < WRITERS; i++)
        CHECK(read(told[0], &byte, 1) == 1);
    close(end[1]);
    for (int i = 0; i < WRITERS; i++) {
        int status;
        waitpid(child[i], &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
        winners += WEXITSTATUS(status) == 0;
    }
    CHECK(winners == 1);
    close(begin[0]);
    close(end[0]);
    close(told[0]);
    close(told[1]);
}

static void test_one_of_racing_writers_wins(void) {
    rec_ring_writer w;
    for (int round = 0; round < 20; round++) {
        race("race"); /* to make it, ... */
        race("race"); /* to go on with it, ... */
        CHECK(create(&w, "race", 16000) == 0);
        rec_ring_close_writer(&w);
        race("race"); /* to replace it */
        unlink(scratch("race"));
    }
}

int main(void) {
    test_file_replaced_before_it_was_locked_is_left_alone();
    test_ring_made_by_a_faster_writer_is_not_replaced();
    test_one_of_racing_writers_wins();
}

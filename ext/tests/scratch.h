/* A directory of the test's own, gone when it ends. */
#ifndef REC_SCRATCH_H
#define REC_SCRATCH_H

#include "check.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch_directory[] = "/tmp/ring-test-XXXXXX";

static void scratch_remove(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", scratch_directory);
    if (system(command) != 0)
        fprintf(stderr, "%s is left behind\n", scratch_directory);
}

/* The path of `name` in the directory; good until the next call. */
static const char *scratch(const char *name) {
    static char path[PATH_MAX];
    static int made;
    if (!made) {
        CHECK(mkdtemp(scratch_directory) != NULL);
        atexit(scratch_remove);
        made = 1;
    }
    snprintf(path, sizeof path, "%s/%s", scratch_directory, name);
    return path;
}

#endif

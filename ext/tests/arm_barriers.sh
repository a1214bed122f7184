#!/bin/sh
# The ring's fences show in no test on x86, where the CPU orders stores by itself: look for them in the ARM build.
# Writing must have a full barrier behind `reserve` and release `head`; reading must acquire `head` and have a load
# barrier before `reserve`. The same build without its fences must fail, so that this check can.
set -eu
cd "$(dirname "$0")"
compiler=${AARCH64_CC:-aarch64-linux-gnu-gcc}
if ! command -v "$compiler" >/dev/null; then
    echo "arm: skipped, there is no $compiler here (apt-get install gcc-aarch64-linux-gnu)"
    exit 0
fi

# barriers FLAGS...: each function's name with its ordered instructions, in order, one function a line
barriers() {
    for source in ring ring_log; do
        "$compiler" -std=c11 -O2 -ffp-contract=off "$@" -I../include -S "../src/$source.c" -o -
    done | awk '/^[a-z_0-9.]+:/ { name = $1 }
                $1 == "dmb" { found[name] = found[name] " dmb-" $2 }
                $1 == "stlr" || $1 == "ldar" { found[name] = found[name] " " $1 }
                END { for (name in found) print name found[name] }'
}

# complete LIST: all the places have theirs. Helpers may be inlined into their callers or not.
complete() {
    echo "$1" | grep -Eq '^(begin_write|rec_ring_write):.* dmb-ish( |$)' &&
        echo "$1" | grep -Eq '^rec_ring_write:.* stlr' &&
        echo "$1" | grep -Eq '^rec_ring_read:.* (ldar|dmb-ishld).* dmb-ish(ld)?( |$)' &&
        echo "$1" | grep -Eq '^rec_ring_log_put:.* dmb-ish .*stlr' &&
        echo "$1" | grep -Eq '^rec_ring_log_get:.* ldar.* dmb-ish(ld)?( |$)'
}

list=$(barriers)
if ! complete "$list"; then
    printf 'arm: a barrier is missing:\n%s\n' "$list" >&2
    exit 1
fi
if complete "$(barriers -DREC_RING_TEST_NO_FENCE)"; then
    echo "arm: this check sees no difference without the fences" >&2
    exit 1
fi
echo "arm: barriers in place"

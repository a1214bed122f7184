#!/bin/sh
# The ear tells the same bits here, on ARM and on an x86-64 without AVX2: it prints a digest of what it heard.
set -eu
cd "$(dirname "$0")"
build=${BUILD:-../../build/core}/arm
if ! command -v aarch64-linux-gnu-gcc >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
    echo "same_on_cpus: skipped, needs aarch64-linux-gnu-gcc and qemu-aarch64"
    exit 0
fi
mkdir -p "$build"
ear="../src/ear.c ../src/decimate.c ../src/dtmf*.c ../src/vad*.c ../src/spectrum.c ../src/level.c"
flags="-std=c11 -O3 -ffp-contract=off -I../include -I."
${CC:-gcc} $flags test_ear.c $ear -o "$build/ear_here"
aarch64-linux-gnu-gcc -static $flags test_ear.c $ear -o "$build/ear_arm"
here=$("$build/ear_here")
arm=$(qemu-aarch64 "$build/ear_arm")
echo "here: $here; on ARM: $arm"
test "$here" = "$arm"
if [ "$(uname -m)" = x86_64 ]; then
    old=$(qemu-x86_64 -cpu Nehalem "$build/ear_here")
    echo "without AVX2: $old"
    test "$here" = "$old"
fi

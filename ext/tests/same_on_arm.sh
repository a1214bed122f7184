#!/bin/sh
# The ear tells the same bits on ARM as here: both builds print a digest of what they heard.
set -eu
cd "$(dirname "$0")"
build=${BUILD:-../../build/core}/arm
if ! command -v aarch64-linux-gnu-gcc >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
    echo "same_on_arm: skipped, needs aarch64-linux-gnu-gcc and qemu-aarch64"
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

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each parser gets its corpus and then RUNS inputs (default 20000) that libFuzzer thinks of, under
# ASan and UBSan. What it finds stays in build/fuzz for `build/fuzz/fuzz_NAME FILE`. For millions of runs
# (`make fuzz RUNS=10000000`) leaks are left to the thousands: looking for them takes most of the time.
set -u

export LSAN_OPTIONS=suppressions=tests/fuzz/lsan.supp:print_suppressions=0

build=${B:-build}/fuzz
count=0
for source in tests/fuzz/fuzz_*.c; do
    name=$(basename "$source" .c)
    corpus=tests/fuzz/corpus/${name#fuzz_}
    count=$((count + 1))
    mkdir -p "$build/new-${name#fuzz_}"
    if output=$("$build/$name" -runs="${RUNS:-20000}" -detect_leaks="${LEAKS:-1}" -max_len=4096 -timeout=10 -seed=1 \
        -artifact_prefix="$build/" "$build/new-${name#fuzz_}" "$corpus" 2>&1); then
        echo "# note: $(echo "$output" | grep -a 'Done ')"
        echo "ok $count - $name"
    else
        echo "not ok $count - $name"
        echo "$output" | tail -40 | sed 's/^/# /'
    fi
done
echo "1..$count"

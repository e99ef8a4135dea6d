#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Explores the pure core exhaustively, then has the exploration kill the core's mutants.
set -u

build=${B:-build}/tests/explore
count=0

report() { # STATUS NAME OUTPUT
    count=$((count + 1))
    echo "$3" | sed 's/^/# note: /'
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; fi
}

for world in "1 1 0 6" "1 1 5 6" "2 2 4 6" "2 2 3 2" "3 1 4 6" "4 2 3 6"; do
    # shellcheck disable=SC2086 # four arguments
    output=$("$build/explore" $world 2>&1)
    report $? "explored: visits, runs in each, faults, idle boots: $world" "$output"
done

output=$(python3 tests/explore/mutants.py statemachine/step.c "$build/mutants" \
    "$build/explore.o" "$build/machine.o" "$build/invariants.o" 2>&1)
report $? "every mutant of the core is killed or explained" "$output"
echo "1..$count"

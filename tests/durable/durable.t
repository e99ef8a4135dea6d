#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every call that changes something fails once, or kills the runner: see durable.c. Two at a time.
set -u

durable=${B:-build}/tests/durable/durable
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
count=0

run() { "$durable" "$1" "$2" >"$folder/$1-$2" 2>&1; echo $? >"$folder/$1-$2.status"; }

report() {
    count=$((count + 1))
    sed 's/^/# note: /' "$folder/$1-$2"
    if [ "$(cat "$folder/$1-$2.status")" -eq 0 ]; then ok=ok; else ok="not ok"; fi
    echo "$ok $count - survives $1 ($2) at every call that changes something"
}

# "torn" differs from "die" only where a power cut follows.
{ run die kill; run torn cut; run EIO kill; run full kill; } &
run die cut; run ENOSPC kill; run EROFS kill; run damage cut
wait
for pair in "die kill" "die cut" "torn cut" "ENOSPC kill" "EIO kill" "EROFS kill" "full kill" "damage cut"; do
    # shellcheck disable=SC2086 # two arguments
    report $pair
done
echo "1..$count"

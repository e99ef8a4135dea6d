#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each bad campaign is refused with exactly the sentences that stand beside it, exit status 2, and
# nothing printed on stdout. `UPDATE=1 tests/cli/bad_campaigns.t` writes the sentences anew: read
# them before they are committed.
set -u

latcampaign=$(realpath "${LATCAMPAIGN:-build/latcampaign}")
cd "$(dirname "$0")/bad-campaigns" || exit 1
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT
count=0

for campaign in *.cfg; do
    count=$((count + 1))
    expected=${campaign%.cfg}.expected
    "$latcampaign" check "$campaign" >"$out" 2>"$err"
    status=$?
    [ -z "${UPDATE:-}" ] || cp "$err" "$expected"
    if [ $status -eq 2 ] && [ ! -s "$out" ] && cmp -s "$err" "$expected"; then
        echo "ok $count - $campaign is refused"
    else
        echo "not ok $count - $campaign is refused"
        echo "# exit status $status, stdout $(wc -c <"$out") bytes, stderr:"
        diff "$expected" "$err" | sed 's/^/# /'
    fi
done
echo "1..$count"

#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The unit tests and the bad campaigns under AddressSanitizer (leaks included) and UBSan.
set -u

export LSAN_OPTIONS="suppressions=$PWD/tests/fuzz/lsan.supp:print_suppressions=0"

build=${B:-build}/sanitize
count=0

report() { # STATUS NAME OUTPUT
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        echo "$3" | grep -v '^ok ' | tail -40 | sed 's/^/# /'
    fi
}

output=$(make sanitize 2>&1)
report $? "the sanitized build has no warning" "$output"
for test in "$build"/tests/unit/test_*; do
    case $test in *.o | *.d) continue ;; esac
    output=$("$test" 2>&1)
    report $? "$(basename "$test") under sanitizers" "$output"
done
output=$(LATCAMPAIGN="$build/latcampaign" tests/cli/bad_campaigns.t 2>&1)
echo "$output" | grep -q '^not ok' && status=1 || status=0
report "$status" "bad campaigns under sanitizers" "$output"
output=$(LATCAMPAIGN="$build/latcampaign" bats --tap tests/cli/commands.bats 2>&1)
report $? "the commands under sanitizers" "$output"
echo "1..$count"

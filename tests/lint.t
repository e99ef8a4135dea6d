#!/bin/sh
# SPDX-License-Identifier: MIT
#
# clang-tidy, clang-format, shellcheck and a Python compiler over all that git knows.
set -u

count=0

report() { # STATUS NAME OUTPUT
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        echo "$3" | tail -60 | sed 's/^/# /'
    fi
}

sources=$(git ls-files '*.c')
headers=$(git ls-files '*.h')
scripts=$(git ls-files '*.sh' '*.t' 'dist/*install' grub-hooks/42_latcampaign .ci/run \
    'tests/vm/host-files/usr/local/sbin/*')
python=$(git ls-files '*.py')
# shellcheck disable=SC2086,SC2016 # a list of names without blanks; what the inner shell expands
{
    output=$(clang-format --dry-run --Werror $sources $headers 2>&1)
    report $? "clang-format" "$output"
    output=$(echo "$sources" | grep -v '^tests/fuzz/' | xargs -P 2 -n 8 sh -c \
        'clang-tidy --quiet "$@" -- -std=c17 -D_GNU_SOURCE -I. $(pkg-config --cflags libxml-2.0) -DVERSION="\"0\"" -DSTATEDIR="\"/v\"" -DDATADIR="\"/d\"" 2>&1' tidy)
    report $? "clang-tidy" "$(echo "$output" | grep -E 'error:|warning:')"
    output=$(shellcheck -s sh $scripts 2>&1)
    report $? "shellcheck" "$output"
    output=$(shellcheck -s bash dist/latcampaign.bash tests/cli/*.bats 2>&1)
    report $? "shellcheck for bash and bats" "$output"
    output=$(python3 -W error -m py_compile $python 2>&1)
    report $? "python compiles without a warning" "$output"
    output=$(man --warnings -E UTF-8 -l -Tutf8 -Z dist/latcampaign.8 dist/latcampaign.cfg.5 2>&1 >/dev/null)
    [ -z "$output" ]
    report $? "the manual pages have no error" "$output"
}
echo "1..$count"

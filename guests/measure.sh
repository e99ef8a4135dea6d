#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a guest measures; a campaign's `script` replaces it. The contract:
#   in   $CYCLICTEST  cyclictest's options as the campaign asks for them
#   out  $ANSWER/histogram.txt  cyclictest's text histogram, whole and nothing else
#        any other file in $ANSWER is kept with the run
#   exit status 0 when the measurement is good; anything else makes the run fail

# shellcheck disable=SC2086 # the options are words of their own
cyclictest $CYCLICTEST >"$ANSWER/histogram.txt" 2>"$ANSWER/cyclictest.stderr"

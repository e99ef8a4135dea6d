#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What a guest measures; a campaign's `script` replaces it. The contract:
#   in   $TOOL        the program that measures: cyclictest or rtla
#        $OPTIONS     its options as the campaign asks for them
#        $CYCLICTEST  the same options if the tool is cyclictest, else empty
#   out  $ANSWER/histogram.txt  the tool's own text histogram, whole and nothing else
#        any other file in $ANSWER is kept with the run; what is in measure.stderr explains a failure
#   exit status 0 when the measurement is good; anything else makes the run fail

# shellcheck disable=SC2086 # the options are words of their own
"$TOOL" $OPTIONS >"$ANSWER/histogram.txt" 2>"$ANSWER/measure.stderr"

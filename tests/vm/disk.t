#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The disk that each emulated host starts from. Most of the time that it takes, where it is not in the
# cache, is waiting: so it is built beside the tests that need no machine.
if disk=$(python3 tests/vm/host_image.py); then
    echo "ok 1 - the disk is there: $disk"
else
    echo "not ok 1 - the disk of the emulated host is built"
fi
echo 1..1

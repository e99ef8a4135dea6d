#!/bin/sh
# SPDX-License-Identifier: MIT
#
# /init of the guest's image. It calls /measure, which leaves files in the directory $ANSWER, and
# sends these over the console: framed, numbered, counted and checksummed, so that a torn line or a
# kernel message in between can be told from the answer. The frame is sent twice: the receiver
# takes any that is whole.

export PATH=/bin:/usr/bin:/usr/sbin
export ANSWER=/tmp/answer

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p "$ANSWER"

# latcampaign.nonce=... and latcampaign.cyclictest=-i,100,... come on the kernel's command line.
# shellcheck disable=SC2013 # words are what is wanted here
for word in $(cat /proc/cmdline); do
    case $word in
    latcampaign.nonce=*) NONCE=${word#*=} ;;
    latcampaign.cyclictest=*) CYCLICTEST=$(echo "${word#*=}" | tr , ' ') ;;
    esac
done
export CYCLICTEST

send_frame() {
    echo
    echo "latcampaign-begin $NONCE $(wc -l </tmp/lines) $SUM"
    awk -v nonce="$NONCE" '{ print "latcampaign-line", nonce, NR, $0 }' /tmp/lines
    echo "latcampaign-end $NONCE"
}

/measure
echo $? >"$ANSWER/status"
uname -r >"$ANSWER/release"
uname -v >"$ANSWER/version"
cat /proc/cmdline >"$ANSWER/cmdline"
cat /sys/kernel/realtime >"$ANSWER/realtime" 2>/dev/null || echo 0 >"$ANSWER/realtime"
cat /sys/devices/system/clocksource/clocksource0/current_clocksource >"$ANSWER/clocksource"

dmesg -n 1
tar -c -C "$ANSWER" . | gzip >/tmp/answer.tar.gz
base64 /tmp/answer.tar.gz >/tmp/lines
SUM=$(sha256sum </tmp/answer.tar.gz | cut -d' ' -f1)
send_frame
send_frame
sleep 1
poweroff -f

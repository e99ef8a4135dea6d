#!/bin/sh
# SPDX-License-Identifier: MIT
#
# /init of the guest's image. It calls /measure, which leaves files in the directory $ANSWER, and
# sends these over the console: framed, numbered, counted and checksummed, so that a torn line or a
# kernel message in between can be told from the answer. The frame is sent twice: the receiver
# takes any that is whole. A line ahead of it says that the guest is up and begins to measure.
#
# Loads run from before /measure to after it. A neighbour guest only runs them, and stays.

export PATH=/bin:/usr/bin:/usr/sbin
export ANSWER=/tmp/answer

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null # kernels without tracing have none
mkdir -p "$ANSWER"

# On the kernel's command line: latcampaign.nonce=..., latcampaign.tool=cyclictest,
# latcampaign.options=-i,100,..., latcampaign.load=NAME,NAME and latcampaign.role=neighbour.
# shellcheck disable=SC2013 # words are what is wanted here
for word in $(cat /proc/cmdline); do
    case $word in
    latcampaign.nonce=*) NONCE=${word#*=} ;;
    latcampaign.tool=*) TOOL=${word#*=} ;;
    latcampaign.options=*) OPTIONS=$(echo "${word#*=}" | tr , ' ') ;;
    latcampaign.load=*) LOADS=$(echo "${word#*=}" | tr , ' ') ;;
    latcampaign.role=*) ROLE=${word#*=} ;;
    esac
done
[ "$TOOL" != cyclictest ] || CYCLICTEST=$OPTIONS
export TOOL OPTIONS CYCLICTEST

# --- loads ---

# A load never ends by itself. Nobody asks a neighbour afterwards, so it says so at once.
run_load() { # LOAD
    "/loads/$1" >"/tmp/$1.out" 2>&1
    [ "$ROLE" = neighbour ] || return
    echo "latcampaign-load-ended $NONCE $1: $(tail -n 1 "/tmp/$1.out")"
    poweroff -f
}

# Those that cannot run end at once; the others get their workers up in this second.
start_loads() {
    [ -n "$LOADS" ] || return
    ip link set lo up
    for load in $LOADS; do
        run_load "$load" &
        echo $! >"/tmp/$load.pid"
    done
    # Hundreds of tasks must not keep us, and what we start from now on, away.
    renice -n -20 -p 1
    sleep 1
}

# One that has ended is a zombie, or gone.
runs() { # LOAD
    grep -q '^State:.[RSDI]' "/proc/$(cat "/tmp/$1.pid")/status" 2>/dev/null
}

# CPU time of a process, of all below it, and of those that they have waited for.
cpu_seconds() { # PID
    cat /proc/[0-9]*/stat 2>/dev/null | awk -v top="$1" '
        { pid = $1; sub(/.*\) /, ""); parent[pid] = $2; ticks[pid] = $12 + $13 + $14 + $15 }
        END {
            for (pid in parent) {
                for (p = pid; p > 1 && p != top; p = parent[p])
                    ;
                if (p == top)
                    sum += ticks[pid]
            }
            printf "%.2f\n", sum / 100
        }'
}

uptime() {
    cut -d' ' -f1 /proc/uptime
}

note_begin() {
    for load in $LOADS; do
        cpu_seconds "$(cat "/tmp/$load.pid")" >"/tmp/$load.cpu"
    done
    uptime >/tmp/began
}

note_end() {
    for load in $LOADS; do
        runs "$load" && state=running || state=ended
        {
            echo "$(cpu_seconds "$(cat "/tmp/$load.pid")") $(cat "/tmp/$load.cpu")" |
                awk '{ print "cpu_seconds", ($1 > $2 ? $1 - $2 : 0) }'
            echo "$(uptime) $(cat /tmp/began)" | awk '{ print "seconds", $1 - $2 }'
            echo "status $state"
        } >"$ANSWER/load-$load.txt"
        tail -c 4096 "/tmp/$load.out" >"$ANSWER/load-$load.out"
    done
}

# What comes now needs the CPU for itself. A signal to -1 does not reach PID 1, which we are.
stop_loads() {
    [ -z "$LOADS" ] || kill -KILL -1
}

# Says which load has ended; fails when all of them run.
ended_load() {
    for load in $LOADS; do
        runs "$load" || { echo "$load"; return; }
    done
    return 1
}

be_neighbour() {
    echo "latcampaign-ready $NONCE"
    while :; do sleep 86400; done
}

# --- measuring ---

# Looking for them starts no program: where page tables are shadowed one takes longer than a whole look,
# and each would take the CPU that is measured.

# Policy and priority of one thread, out of its stat: "TID (NAME) STATE ...", fields 41 and 40 (proc(5)).
note_thread() { # STAT
    read -r fields 2>/dev/null <"$1" || return
    # shellcheck disable=SC2086 # the fields are words of their own
    set -- ${fields##*) }
    [ $# -lt 39 ] || echo "${39} ${38}"
}

# cyclictest's first thread does not measure; timerlat's threads are the kernel's.
list_threads() {
    for comm in /proc/[0-9]*/task/[0-9]*/comm; do
        read -r name 2>/dev/null <"$comm" || continue
        thread=${comm%/comm}
        process=${thread%/task/*}
        case $name in
        cyclictest) [ "${thread##*/}" = "${process##*/}" ] || note_thread "$thread/stat" ;;
        timerlat/*) note_thread "$thread/stat" ;;
        esac
    done
}

# Policy and priority of the threads that measure, as soon as they have set them: a slow machine takes its
# time until they are there. Two seconds later they have done it; what asks for no priority has none then, too.
read_threads() {
    : >"$ANSWER/threads.txt"
    looks=0
    while [ ! -e /tmp/measured ] && [ $looks -lt 20 ]; do
        usleep 100000
        note_threads
        case $threads in
        *[1-9]*) break ;;
        ?*) looks=$((looks + 1)) ;;
        esac
    done
    usleep 50000
    note_threads
}

# The last that was seen of them counts.
note_threads() {
    threads=$(list_threads)
    [ -z "$threads" ] || echo "$threads" >"$ANSWER/threads.txt"
}

measure() {
    if ended=$(ended_load); then
        echo "load $ended ended at once: $(tail -n 1 "/tmp/$ended.out")" >"$ANSWER/measure.stderr"
        return 1
    fi
    note_begin
    read_threads &
    reader=$!
    /measure
    status=$?
    : >/tmp/measured
    note_end
    wait "$reader"
    stop_loads
    return $status
}

send_frame() {
    echo
    echo "latcampaign-begin $NONCE $(wc -l </tmp/lines) $SUM"
    awk -v nonce="$NONCE" '{ print "latcampaign-line", nonce, NR, $0 }' /tmp/lines
    echo "latcampaign-end $NONCE"
}

start_loads
[ "$ROLE" != neighbour ] || be_neighbour
echo "latcampaign-measuring $NONCE"
measure
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

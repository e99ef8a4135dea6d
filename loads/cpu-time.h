/* SPDX-License-Identifier: MIT */
#ifndef LOADS_CPU_TIME_H
#define LOADS_CPU_TIME_H

#include <sys/types.h>

/*
 * Seconds of CPU time that a process group has used: its processes that are there, and those that
 * these have waited for (proc(5): utime, stime, cutime, cstime). Processes that ended without being
 * waited for are missing, so it is never too much. `root` is the descriptor of "/".
 */
double group_cpu_seconds(int root, pid_t group);

/* Seconds since the boot, those of a suspended machine included (CLOCK_BOOTTIME). */
double boottime(void);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What each CPU has a copy of is told once for all that have the same.
 */
#ifndef EVIDENCE_CPUS_H
#define EVIDENCE_CPUS_H

#include <jansson.h>

/* The numbers of the CPUs that /sys knows, ascending; a talloc array of `ctx`, empty without any.
 */
unsigned *cpu_numbers(void *ctx, int root, unsigned *ret_count);

/* An array (new reference) of what `read` tells of each CPU's folder (sys/devices/system/cpu/cpuN);
 * those that tell the same are one object, with their list as "cpus" ("0-3,8"). NULL from `read`:
 * the CPU has nothing of the kind. */
json_t *cpus_grouped(int root, json_t *(*read)(int root, const char *folder));

#endif

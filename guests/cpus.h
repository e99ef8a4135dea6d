/* SPDX-License-Identifier: MIT */
/*
 * Sets of CPUs, and lists of them as the kernel and Xen write them: "0-1,3".
 */
#ifndef GUESTS_CPUS_H
#define GUESTS_CPUS_H

#include <sched.h>
#include <stdbool.h>

#define CPUS_MAX 8192 /* NR_CPUS of the largest kernels */

struct cpus {
	cpu_set_t sets[CPUS_MAX / CPU_SETSIZE];
};

/* Reads a list; false for anything else. */
bool cpus_parse(const char *list, struct cpus *ret);

/* The list of a set, in the one form that the kernel prints; a talloc child of `ctx`. */
char *cpus_list(void *ctx, const struct cpus *cpus);

/* A list in that form; a copy of what is no list. A talloc child of `ctx`. */
char *cpus_tidy(void *ctx, const char *list);

/* How many CPUs of the set are not among the others. */
int cpus_beyond(const struct cpus *cpus, const struct cpus *others);

#endif

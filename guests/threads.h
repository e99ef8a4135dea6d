/* SPDX-License-Identifier: MIT */
/*
 * Threads of a process: where they may run, and with which policy and priority.
 */
#ifndef GUESTS_THREADS_H
#define GUESTS_THREADS_H

#include <sys/types.h>

#include "base/err.h"
#include "campaigns/plan.h"

/* The ids of a process's threads, a talloc child of `ctx`. */
int threads_list(void *ctx, pid_t pid, pid_t **ret, unsigned *ret_count, struct err *err);

/* Pins a thread on a list of CPUs. A thread that is gone (ESRCH) is an error like others. `what`
 * names it in sentences. */
int thread_pin(pid_t thread, const char *what, const char *list, struct err *err);

/* Gives a thread its policy, unless that is POLICY_DEFAULT. */
int thread_schedule(
	pid_t thread, const char *what, enum policy policy, int priority, struct err *err);

/* Reads back from the kernel where a thread may run (as a list of CPUs, a talloc child of `ctx`),
 * its policy ("other", "fifo", ...) and its real-time priority. */
int thread_read(void *ctx, pid_t thread, char **ret_list, const char **ret_policy,
	int *ret_priority, struct err *err);

/* A number of KiB in /proc/PID/status, such as "VmLck"; 0 when the kernel does not tell it. */
long process_kib(pid_t pid, const char *key);

#endif

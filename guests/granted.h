/* SPDX-License-Identifier: MIT */
/*
 * Whether the threads that measure were granted the policy and priority that they asked for.
 */
#ifndef GUESTS_GRANTED_H
#define GUESTS_GRANTED_H

#include <jansson.h>
#include <sys/types.h>

#include "base/err.h"
#include "campaigns/plan.h"

/* Reads them on the host, as soon as the threads of the program `pid` are there and have set their
 * priority. `ret` (new reference, also with an error) is an array of { "policy", "priority" }.
 * Another priority than asked is an error. */
int granted_on_host(const struct experiment *experiment, pid_t pid, json_t **ret, struct err *err);

/* Whether there were as many threads as asked; for a program that has succeeded. */
int granted_all(const struct experiment *experiment, const json_t *threads, struct err *err);

/* Both from what init.sh left in threads.txt, a line "POLICY PRIORITY" (sched(7)'s numbers) for
 * each thread; kept in `found` as "threads". A campaign's own script may measure with another
 * number of threads. */
int granted_in_guest(
	const struct experiment *experiment, int directory, json_t *found, struct err *err);

#endif

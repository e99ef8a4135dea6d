/* SPDX-License-Identifier: MIT */
/*
 * A platform is a place where cyclictest runs: the host (or dom0), a KVM guest, a Xen guest.
 * One table of operations each, one file each; platform_get() is the only place that chooses.
 */
#ifndef GUESTS_PLATFORM_H
#define GUESTS_PLATFORM_H

#include <jansson.h>

#include "base/err.h"
#include "campaigns/campaign.h"
#include "campaigns/plan.h"

/* One execution of one run. */
struct measurement {
	const struct plan *plan;
	const struct run *run;
	int root;      /* descriptor of "/", or of a test's recorded machine */
	int directory; /* the unfinished result directory: files are written here */
	int cancel_fd; /* readable = give up at once; -1: none */
	int beside_fd; /* readable = a load on the host has ended; -1: none */
};

struct platform {
	const char *name; /* "host", "kvm", "xen" */

	/*
	 * What this machine lacks to run such a run (programs, CPU features, files), a sentence
	 * with its remedy each, appended to `complaints`; `ctx` owns them. Works in any setup,
	 * needs no root, changes nothing: it is part of `check --machine`.
	 */
	void (*check)(void *ctx, int root, const struct plan *plan, const struct run *run,
		struct complaints *complaints);

	/* Removes what an earlier execution that was killed may have left (a domain, a process).
	 * Nothing left is a success. */
	int (*clean)(struct err *err);

	/*
	 * Measures. On success (0) the directory holds at least histogram.txt (the tool's own
	 * stdout, whole) and console.txt (all that the place printed), and `ret_found` (new
	 * reference) tells what really ran: { "release", "preempt_rt" (bool), "cmdline",
	 * "clocksource", "command" (array: argv that started it), "tool" (the command that
	 * measured)
	 * }. A guest whose kernel release or PREEMPT_RT is not what was asked is an error. On
	 * failure console.txt stays as evidence and the sentence says what happened: -ETIMEDOUT for
	 * the deadline, -ECANCELED when cancelled, -EBADMSG for an answer that is not whole, -EXDEV
	 * for another kernel than asked, -EIO otherwise.
	 */
	int (*measure)(const struct measurement *measurement, json_t **ret_found, struct err *err);
};

/* Never NULL. */
const struct platform *platform_get(enum place place);

#endif

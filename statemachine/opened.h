/* SPDX-License-Identifier: MIT */
/*
 * A campaign that has been started, opened for a command or for the runner.
 *
 *   NAME/campaign.cfg   the campaign as it was written, for a person
 *   NAME/plan.json      the frozen plan: all that is ever read again
 *   NAME/record.json    see record.h
 *   NAME/log            see journal.h
 *   NAME/stop           there when a person asked to stop
 *   NAME/cancel/now     there when the run under way is to be dropped as well
 *   NAME/runs, attempts, cdf, figures, report.txt   see output/
 */
#ifndef STATEMACHINE_OPENED_H
#define STATEMACHINE_OPENED_H

#include "base/err.h"
#include "campaigns/plan.h"
#include "statemachine/record.h"

struct opened {
	const char *root; /* stands before every path: "" on the real machine */
	int root_fd;      /* the same as a descriptor */
	int store;        /* the state directory */
	int campaign;     /* the campaign's directory */
	struct plan *plan;
	struct record *record;
};

/* Opens the campaign `name` (NULL: the one that store_latest() means) below `root`. A talloc child
 * of `ctx`; its descriptors are closed when it is freed. -ENOENT when there is none. */
int opened_open(
	void *ctx, const char *root, const char *name, struct opened **ret, struct err *err);

/* Which runs have a result that stands: [run_count], a talloc child of `ctx`. A damaged result is
 * put aside and logged. */
bool *opened_done(void *ctx, const struct opened *opened);

#endif

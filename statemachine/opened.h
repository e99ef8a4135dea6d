/* SPDX-License-Identifier: MIT */
/*
 * A campaign that has been started, opened for a command or for the runner.
 *
 *   NAME/campaign.cfg   the campaign as it was written, for a person
 *   NAME/inputs/        likewise what that includes, and the guests' scripts, see inputs.h
 *   NAME/plan.json      the frozen plan: all that is ever read again; sealed
 *   NAME/home.json      the identity of the boot in which it was started; sealed
 *   NAME/record.json    see record.h
 *   NAME/damaged/N      a record that was damaged, put aside
 *   NAME/log            see journal.h
 *   NAME/stop           there when a person asked to stop
 *   NAME/cancel/now     there when the run under way is to be dropped as well
 *   NAME/runs, attempts see results/result.h
 *   NAME/cdf, figures, export, report.html, ...: see report/report.h
 */
#ifndef STATEMACHINE_OPENED_H
#define STATEMACHINE_OPENED_H

#include "base/err.h"
#include "campaigns/plan.h"
#include "statemachine/proof.h"
#include "statemachine/record.h"

struct opened {
	const char *root;      /* stands before every path: "" on the real machine */
	const char *name;      /* of the campaign */
	int root_fd;           /* `root` as a descriptor */
	int store;             /* the state directory */
	int campaign;          /* the campaign's directory */
	struct plan *plan;     /* NULL when it or the home is damaged */
	struct identity *home; /* the machine's at the start; NULL when `plan` is or is imported */
	struct record *record; /* NULL when it is damaged, or `plan` is NULL or imported */
	struct err damage;     /* what is damaged, a sentence; "" */
};

/* Opens the campaign `name` (NULL: the one that store_latest() means) below `root`. A talloc child
 * of `ctx`; its descriptors are closed when it is freed. -ENOENT when there is none. Damaged files
 * are no failure: whoever needs what is in them asks opened_need(). Files that cannot be read for
 * another reason are one (-EIO, -ENOMEM, ...). */
int opened_open(
	void *ctx, const char *root, const char *name, struct opened **ret, struct err *err);

/* The plan alone, a talloc child of `ctx`, of a campaign whose directory is `campaign`. -ENOENT
 * when there is none. */
int opened_load_plan(void *ctx, int campaign, struct plan **ret, struct err *err);

/* -EBADMSG, with a sentence that says how to go on, when the plan or (if `record`) the record is
 * damaged; -ENOENT when `record` is asked of an imported campaign, which has none. */
int opened_need(const struct opened *opened, bool record, struct err *err);

/* Which runs have a result that stands: [run_count], a talloc child of `ctx`. A damaged result is
 * put aside and logged. */
bool *opened_done(void *ctx, const struct opened *opened);

#endif

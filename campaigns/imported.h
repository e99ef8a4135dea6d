/* SPDX-License-Identifier: MIT */
/*
 * Plans of imported campaigns: results that others have measured. Nothing is known of them but
 * what the person who imports them says, and nothing else is put into the plan: kernels and
 * hypervisors are "" and none, which no other campaign has.
 */
#ifndef CAMPAIGNS_IMPORTED_H
#define CAMPAIGNS_IMPORTED_H

#include "campaigns/plan.h"

/* The cell that results belong to. */
struct imported_cell {
	const char *setup, *experiment;
	struct cyclictest cyclictest; /* its priority is not known: 0 */
};

/* Can it be the name of a campaign, a setup or an experiment? */
bool imported_name_is_fine(const char *name);

/* An empty plan, which has to get a cell before it can be kept; a talloc child of `ctx`. */
struct plan *imported_plan(void *ctx, const char *name);

/* Adds a visit with `count` runs of the cell, whose setup and experiment are made where they are
 * new: they are the plan's last runs. -EINVAL with a sentence when the plan's experiment was
 * measured otherwise. */
int imported_add(
	struct plan *plan, const struct imported_cell *cell, unsigned count, struct err *err);

#endif

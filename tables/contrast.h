/* SPDX-License-Identifier: MIT */
/*
 * Two campaigns side by side: what was asked and found of each, where these differ, and their
 * latencies, cell by cell.
 */
#ifndef TABLES_CONTRAST_H
#define TABLES_CONTRAST_H

#include "campaigns/plan.h"

/* A campaign that is compared. */
struct contrasted {
	const char *name; /* as it was called on the command line */
	const struct plan *plan;
	int campaign; /* a descriptor of its directory */
};

/* The text for a person, a talloc child of `ctx`. Cells are matched by the names of setup and
 * experiment; differences are B's less A's. What is missing is said, not an error. */
char *contrast(void *ctx, const struct contrasted *a, const struct contrasted *b);

#endif

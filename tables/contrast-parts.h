/* SPDX-License-Identifier: MIT */
/*
 * The parts of contrast() that stand in files of their own.
 */
#ifndef TABLES_CONTRAST_PARTS_H
#define TABLES_CONTRAST_PARTS_H

#include "tables/report-parts.h"

struct two {
	const struct report *a, *b; /* as report_read() makes them */
};

/* contrast-identity.c: a row for each difference of what the plans ask, and of what the runs found.
 * Talloc children of `ctx`. */
struct table *contrast_asked(void *ctx, const struct two *two);
struct table *contrast_found(void *ctx, const struct two *two);

#endif

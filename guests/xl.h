/* SPDX-License-Identifier: MIT */
/*
 * What xl prints, see xl(1): tables with a line of titles, whose rows begin with a name. Pure.
 */
#ifndef GUESTS_XL_H
#define GUESTS_XL_H

#include <stdbool.h>

#define XL_SECONDS 120 /* that an xl may take, which waits for dom0's services */

/* Columns of `xl info`, `xl vcpu-list`, `xl sched-credit -d` (and -credit2), `xl sched-rtds -v all
 * -d`, `xl cpupool-list`, `xl cpupool-list -c` and `xl list`. */
enum xl_column {
	XL_NAME = 0,
	XL_INFO_VALUE = 2, /* behind the colon */
	XL_VCPU_AFFINITY = 6,
	XL_CREDIT_WEIGHT = 2,
	XL_CREDIT_CAP = 3,
	XL_RTDS_PERIOD = 3,
	XL_RTDS_BUDGET = 4,
	XL_RTDS_EXTRATIME = 5,
	XL_POOL_SCHEDULER = 2,
	XL_POOL_CPUS = 1,
	XL_LIST_SECONDS = 5,
};

/* One row: its words. */
struct xl_row {
	char **words;
	unsigned count;
};

/* The rows that begin with `name`, or all but the titles when it is NULL; talloc children of
 * `ctx`. */
struct xl_row *xl_rows(void *ctx, const char *table, const char *name, unsigned *ret_count);

/* The word in a column; "" when the row is shorter. */
const char *xl_word(const struct xl_row *row, unsigned column);

/* The CPU time of a row of `xl list`, in seconds: false when it does not tell it. */
bool xl_seconds(const struct xl_row *row, double *ret);

/* The number in a line "KEY : NUMBER" of `xl info`; -1 when there is none. */
int xl_number(const char *info, const char *key);

/* A hard affinity as a list of CPUs ("all" is the first `cpus` of them); a talloc child of
 * `ctx`. */
char *xl_affinity(void *ctx, const struct xl_row *row, int cpus);

/* The microseconds in "... ratelimit=1000us ..." of `xl sched-credit2 -s`; "" when it does not say.
 * A talloc child of `ctx`. */
char *xl_ratelimit(void *ctx, const char *text);

/* "pinned" when every vCPU of `xl vcpu-list` has one CPU to itself, "free" otherwise, "" without
 * vCPUs. */
const char *xl_pinning(const struct xl_row *rows, unsigned count);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The parts of report.txt that stand in files of their own.
 */
#ifndef OUTPUT_REPORT_PARTS_H
#define OUTPUT_REPORT_PARTS_H

#include "output/cell.h"

/* A report as it grows, and what it is made of. */
struct report {
	const struct plan *plan;
	int campaign;
	struct cell **cells;
	struct result **results; /* [run_count]; NULL where none stands */
	char *text;
};

/* The cells and results of a campaign; a talloc child of `ctx`, its text NULL. */
struct report *report_load(void *ctx, const struct plan *plan, int campaign);

void report_say(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* report.c: " 16 runs: 15 PASS 1 not measured" of `of`. */
void report_say_counts(struct report *report, const struct report *of);

/* expectations.c: each threshold that each run was judged by; how many could not be judged. */
void report_say_expectations(struct report *report);
unsigned report_count_not_judged(const struct report *report);

/* latencies.c: a line for each cell, then its quantiles with their intervals over boots. */
void report_say_latencies(struct report *report);

/* boot-lines.c: each boot with the intervals within it, and each run's wake-ups. */
void report_say_boots(struct report *report);
void report_say_wakeups(struct report *report);

/* comparisons.c: each two setups by their boots. */
void report_say_comparisons(struct report *report);

/* A latency as quantile_of() tells it: "-", ">=2000" (beyond the histogram's bins) or "12". */
char *report_latency(void *ctx, int64_t latency, unsigned bins);

/* "12.5"; ">=2000" for one beyond `known`, the largest latency that is not beyond the bins. */
char *report_number(void *ctx, double value, double known);

/* "[8, 12.5]"; a bound beyond `known`, the largest latency that is not beyond the bins, is one
 * from below only: "[8, >=2000]". */
char *report_interval(void *ctx, const struct interval *interval, double known);

/* The cell's boots' quantile number `i`, a talloc child of `ctx`; NULL when a boot has too few
 * wake-ups for it. `ret_known` is the largest that is not beyond the bins, or -1. */
double *report_boot_values(void *ctx, const struct cell *cell, unsigned i, double *ret_known);

/* The difference of the medians of the boots' values with its interval: "-36 [-40, -31]"; "-36 -"
 * with too few boots for one; "-" when a value lies beyond its histogram. */
char *report_difference(void *ctx, const struct cell *a, const double *a_values,
	const struct cell *b, const double *b_values, int64_t seed);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * A report before it is rendered, and the files that make its parts. report.txt, report.html and
 * the LaTeX tables are renderings of it.
 */
#ifndef TABLES_REPORT_PARTS_H
#define TABLES_REPORT_PARTS_H

#include "results/result.h"
#include "statistics/cell.h"
#include "statistics/over-boots.h"
#include "statistics/pairs.h"
#include "statistics/stated.h"
#include "tables/table.h"

/* A table with its words. Strings are not copied. */
struct section {
	const char *id;          /* of its heading in the page, and of the LaTeX label */
	const char *title;       /* of the page and of LaTeX */
	const char *lead;        /* of the text, in front of the explanation */
	const char *explanation; /* lines of the text; "" without one */
	bool in_paper;           /* is one of the LaTeX tables */
	struct table *table;
};
#define SECTION_MAX 9

struct report {
	const struct plan *plan;
	int campaign; /* descriptor of the campaign's directory */
	struct cell **cells;
	struct result **results; /* [run_count]; NULL where none stands */
	struct pair *pairs;
	unsigned pair_count;
	unsigned counts[OUTCOME_COUNT]; /* runs that ended so */
	unsigned missing;               /* runs without a result */
	char *outcome;                  /* "56 runs: 50 PASS 6 MISS" */
	const char *origin;             /* a sentence when others measured it; "" */
	char **deviations;              /* a sentence each; NULL-terminated */
	struct section sections[SECTION_MAX];
	unsigned section_count;
};

/* report-load.c: reads the results that stand, and makes no part but the outcome; a talloc child of
 * `ctx`. */
struct report *report_read(void *ctx, const struct plan *plan, int campaign);

/* The same with all parts. `notes` as report_write() takes them. */
struct report *report_load(
	void *ctx, const struct plan *plan, int campaign, const char *const *notes);

/* Adds a section; its table has to be a talloc child of the report. */
void report_add(struct report *report, const struct section *section);

/* Its heading, explanation and table as they stand in a text; a talloc child of `ctx`. */
char *report_section(void *ctx, const struct section *section);

/* The parts, in the order of the report. */
void report_outcome(struct report *report);                              /* outcome.c */
void report_deviations(struct report *report, const char *const *notes); /* outcome.c */
void report_matrix(struct report *report);                               /* matrix.c */
void report_expectations(struct report *report);                         /* expectations.c */
void report_latencies(struct report *report);                            /* latencies.c */
void report_quantiles(struct report *report);                            /* latencies.c */
void report_boots(struct report *report);                                /* boot-lines.c */
void report_comparisons(struct report *report);                          /* comparisons.c */
void report_wakeups(struct report *report);                              /* boot-lines.c */
void report_proofs(struct report *report);                               /* proofs.c */
void report_kernels(struct report *report);                              /* proofs.c */

/* outcome.c: one deviation more. */
void report_deviation(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* comparisons.c: the difference of the medians with its interval: "-36 [-40, -31]"; "-36 -" with
 * too few boots for one; "-" when a boot's quantile lies beyond the histogram, or nothing is told.
 */
char *report_difference(void *ctx, const struct pair *pair);

/* latencies.c: the median of the boots' quantiles; "-" when a boot has too few wake-ups for it. */
char *report_median(void *ctx, const struct over_boots *said);

/* latencies.c: what has to stand behind a cell's name where its numbers do, or "". */
const char *report_caution(const struct cell *cell);

/* expectations.c: the thresholds that a run was judged by, as judge.h has them; NULL without any.
 */
const json_t *report_expected(const struct report *report, unsigned run);

/* How many of them could not be judged. */
unsigned report_count_not_judged(const struct report *report);

#endif

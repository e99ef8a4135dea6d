/* SPDX-License-Identifier: MIT */
/*
 * What a person and a program read after the night, made from the results that stand.
 *
 *   cdf/cdf-SETUP-EXPERIMENT.txt   the cell's empirical distribution (repetitions pooled):
 *                                  latency in us, P(latency <= x)
 *   cdf/cdf-...-corrected.txt      the same, corrected for coordinated omission, where wake-ups
 *                                  are missing
 *   figures/NAME.gp, NAME-ccdf.gp, gnuplot scripts for each of the plan's figures in each kind
 *   NAME-boots.gp, NAME-time.gp    (figure-kind.h), with .svg and those of .eps .pdf .png that are
 *                                  asked for
 *   report.html                    all that report.txt says and the figures, as one page
 *   export/                        for programs, see export.h
 *   report.txt                     outcome, deviations, expectations, latencies, quantiles with
 *                                  their intervals, boots, comparisons, wake-ups, proofs
 *                                  (docs/statistics.md)
 *   ro-crate-metadata.json, SHA256SUMS   of all that a reviewer gets, see bundle.h
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/err.h"
#include "campaigns/plan.h"

/*
 * Writes all of that into the campaign's directory (`campaign`) from its runs/, reading the
 * results through result_load. What is missing is listed in report.txt, not an error. Nor is a
 * figure that gnuplot cannot draw: it is a deviation, the report stands without it, and the return
 * value says how many there are. `notes` (NULL-terminated, may be NULL) are sentences about the
 * campaign's course (boots that failed, ...) for the section of deviations.
 */
int report_write(const struct plan *plan, int campaign, const char *const *notes, struct err *err);

/* The tables for a paper, as LaTeX with booktabs, made from the results; nothing is written. A
 * talloc child of `ctx`. */
char *report_latex(void *ctx, const struct plan *plan, int campaign);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a person reads after the night, made from the results that stand.
 *
 *   cdf/cdf-SETUP-EXPERIMENT.txt   the cell's empirical distribution (repetitions pooled):
 *                                  latency in us, P(latency <= x)
 *   cdf/cdf-...-corrected.txt      the same, corrected for coordinated omission, where wake-ups
 *                                  are missing
 *   figures/NAME.gp, NAME-ccdf.gp  gnuplot scripts for each of the plan's figures, with .eps .pdf
 *                                  .svg .png as asked
 *   report.txt                     outcome, deviations, expectations, latencies, quantiles with
 * their intervals, boots, comparisons, wake-ups, proofs (docs/statistics.md)
 */
#ifndef OUTPUT_REPORT_H
#define OUTPUT_REPORT_H

#include "base/err.h"
#include "campaigns/plan.h"

/*
 * Writes all of that into the campaign's directory (`campaign`) from its runs/, reading the
 * results through result_load. What is missing is listed in report.txt, not an error. An error of
 * gnuplot is one, after everything else has been written. `notes` (NULL-terminated, may be NULL)
 * are sentences about the campaign's course (boots that failed, ...) for the section of deviations.
 */
int report_write(const struct plan *plan, int campaign, const char *const *notes, struct err *err);

#endif

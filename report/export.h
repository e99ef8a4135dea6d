/* SPDX-License-Identifier: MIT */
/*
 * A report for programs: export/ in the campaign's directory.
 *
 *   results.csv      one line a run (RFC 4180)
 *   report.json      cells with quantiles, intervals and boots, and the comparisons
 *   junit.xml        one test case a run, for continuous integration
 *   openmetrics.txt  OpenMetrics 1.0, for Prometheus and its kin
 *   log.txt          the campaign's log up to the report
 */
#ifndef REPORT_EXPORT_H
#define REPORT_EXPORT_H

#include "tables/report-parts.h"

/* Writes all of them. */
int export_write(const struct report *report, struct err *err);

/*
 * Each as text, a talloc child of `ctx`.
 *
 * In results.csv a field is empty where nothing was measured or the data cannot tell, and "inf" is
 * a quantile that lies beyond the histogram. Of an imported campaign place and priority are not
 * known (in report.json: null), and a visit is one import.
 *
 * In report.json latencies are in us. A quantile is null where the data cannot tell, else
 * { "us": 12, "beyond": false }; with "beyond" it lies beyond the histogram's end, which "us" is.
 * Numbers over boots are null where there are too few. Expectations are as in judge.h, with "run".
 *
 * In junit.xml FAIL is a failure, ERROR an error; MISS, SKIP and what was not measured are skipped.
 */
char *export_csv(void *ctx, const struct report *report);
char *export_json(void *ctx, const struct report *report);
char *export_junit(void *ctx, const struct report *report);
char *export_openmetrics(void *ctx, const struct report *report);

/* The cell's run that run number `run` of the plan is; NULL when it has no histogram. */
const struct cell_run *export_run(const struct report *report, unsigned run);

/* An integer of a result's run.json; 0 when there is none. */
int64_t export_integer(const struct result *result, const char *member);

/* "2026-11-23T19:20:11" (UTC) and `suffix`; "" for 0. A talloc child of `ctx`. */
char *export_time(void *ctx, int64_t when, const char *suffix);

/* The ends of the first and last run as seconds since the epoch; 0 when nothing was measured. */
void export_period(const struct report *report, int64_t *ret_began, int64_t *ret_ended);

#endif

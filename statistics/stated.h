/* SPDX-License-Identifier: MIT */
/*
 * Numbers as a report and the figures state them; talloc children of `ctx`.
 */
#ifndef STATISTICS_STATED_H
#define STATISTICS_STATED_H

#include "latencies/quantile.h"

/* A latency as quantile_of() tells it: "-", ">=2000" (beyond the histogram's bins) or "12". */
char *stated_latency(void *ctx, int64_t latency, unsigned bins);

/* "12.5"; ">=2000" for one beyond `known`, the largest latency that is not beyond the bins. */
char *stated_number(void *ctx, double value, double known);

/* "[8, 12.5]"; a bound beyond `known`, the largest latency that is not beyond the bins, is one
 * from below only: "[8, >=2000]". */
char *stated_interval(void *ctx, const struct interval *interval, double known);

#endif

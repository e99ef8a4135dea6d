/* SPDX-License-Identifier: MIT */
/*
 * What can be said of latencies, and how surely. Pure: numbers in, numbers out.
 *
 * The boot is the unit: within one boot millions of wake-ups say much about that boot and little
 * about the next. What is said of a setup comes from one number for each boot.
 * docs/statistics.md explains each number and names the sources.
 *
 * Distributions, ranks and random numbers are the GNU Scientific Library's: an incomplete beta
 * function that holds for millions of samples is no code to write anew.
 */
#ifndef STATISTICS_STATISTICS_H
#define STATISTICS_STATISTICS_H

#include <stdbool.h>

#include "latencies/quantile.h"

/* With fewer boots no interval for the median boot reaches 95 %: 1 - 2 * 0.5^5 is less. */
#define STATISTICS_INTERVAL_BOOTS 6
/* With fewer in either group Mann and Whitney's p cannot come below 5 %. */
#define STATISTICS_TEST_BOOTS 4

/* --- coordinated omission (correct.c) ---------------------------------------------------- */

/*
 * Adds all threads of `run` to a pool with as many bins, as HdrHistogram's
 * recordValueWithExpectedInterval() would: a wake-up later than the interval also counts as those
 * that it swallowed, each an interval less late. Of overflows the largest is known; the others are
 * taken as no later than the histogram's end, so that the correction is the least that is due.
 */
void correct_add(struct histogram *pool, const struct histogram *run, int64_t interval_us);

/* --- over boots (boots.c); `values` holds one number for each boot ------------------------ */

double boots_median(const double *values, unsigned count);
double boots_deviation(const double *values, unsigned count); /* standard; NAN for one */

/* The interval of the median boot by interpolated order statistics (Hettmansperger and Sheather);
 * false with fewer than STATISTICS_INTERVAL_BOOTS. */
bool boots_interval(const double *values, unsigned count, struct interval *ret);

/* How many more boots until the interval reaches no further than `precision` (0.1 = 10 %) of the
 * median to either side; -1 when that cannot be told. */
int64_t boots_needed(const double *values, unsigned count, double precision);

/* Spearman's rank correlation of the values with `times`; NAN with fewer than
 * STATISTICS_TEST_BOOTS or when one of both never changes. */
double boots_drift(const double *values, const double *times, unsigned count);

/* --- two groups of boots (compare.c) ------------------------------------------------------ */

/* The interval of median(b) - median(a), by the bootstrap over boots, reproducible by `seed`; false
 * when either has fewer than STATISTICS_INTERVAL_BOOTS. */
bool compare_difference(const double *a, unsigned a_count, const double *b, unsigned b_count,
	uint64_t seed, struct interval *ret);

/* Cliff's delta: P(b > a) - P(b < a), from -1 to 1. */
double compare_delta(const double *a, unsigned a_count, const double *b, unsigned b_count);

/* Mann and Whitney's two-sided p, exact with ties too, by the normal distribution for more than 80
 * boots together; NAN when either has fewer than STATISTICS_TEST_BOOTS. */
double compare_test(const double *a, unsigned a_count, const double *b, unsigned b_count);

/* Corrects p values in place for their number (Holm); NAN is no test and stays. */
void compare_correct(double *p, unsigned count);

#endif

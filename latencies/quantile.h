/* SPDX-License-Identifier: MIT */
/*
 * Quantiles of one histogram, and how surely it tells them. docs/statistics.md explains each
 * number.
 */
#ifndef LATENCIES_QUANTILE_H
#define LATENCIES_QUANTILE_H

#include <stdbool.h>

#include "latencies/histogram.h"

/* Of everything that is stated. */
#define CONFIDENCE 0.95

struct interval {
	double low, high;
};

/* The quantiles that are stated: p50 p90 p99 p99.9 p99.99 p99.999. */
struct quantile {
	const char *name;
	double q;
};
#define QUANTILE_COUNT 6
extern const struct quantile quantiles[QUANTILE_COUNT];

/*
 * The smallest latency in us that at least the fraction `q` of the pool's wake-ups do not exceed
 * (nearest rank); pool->bins when that lies among the overflows. -1 where the data cannot tell: a
 * larger one than all that were seen would be among so few with less than 95 % probability.
 */
int64_t quantile_of(const struct histogram *pool, double q);

/* So many wake-ups it takes for quantile_of() to tell: ln(0.05) / ln(q), rounded up. */
double quantile_samples(double q);

/* The interval of that quantile by order statistics, were wake-ups independent; false when a bound
 * lies beyond the samples. A bound among the overflows is pool->bins. */
bool quantile_interval(const struct histogram *pool, double q, struct interval *ret);

/* The largest distance between two empirical distributions (Kolmogorov and Smirnov's statistic). */
double quantile_distance(const struct histogram *a, const struct histogram *b);

#endif

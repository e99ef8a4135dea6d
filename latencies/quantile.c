/* SPDX-License-Identifier: MIT */
#include "latencies/quantile.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

const struct quantile quantiles[QUANTILE_COUNT] = {
	{"p50", 0.5},
	{"p90", 0.9},
	{"p99", 0.99},
	{"p99.9", 0.999},
	{"p99.99", 0.9999},
	{"p99.999", 0.99999},
};

/* The latency of the wake-up with this rank, from 1; bins when it lies among the overflows. */
static unsigned latency_of_rank(const struct histogram *pool, uint64_t rank)
{
	uint64_t seen = 0;

	for (unsigned bin = 0; bin < pool->bins; bin++) {
		seen += pool->threads->counts[bin];
		if (seen >= rank)
			return bin;
	}
	return pool->bins;
}

double quantile_samples(double q)
{
	return ceil(log(1 - CONFIDENCE) / log(q));
}

int64_t quantile_of(const struct histogram *pool, double q)
{
	double samples = (double)histogram_samples(pool);

	if (samples * log(q) > log(1 - CONFIDENCE))
		return -1;
	uint64_t rank = (uint64_t)ceil(q * samples);
	return latency_of_rank(pool, rank > 0 ? rank : 1);
}

/* P(X <= k) for X binomial with n and q. */
static double binomial(uint64_t k, uint64_t n, double q)
{
	return k >= n ? 1 : gsl_cdf_beta_Q(q, (double)k + 1, (double)(n - k));
}

/* The least k with P(X <= k) >= p; n when no smaller one has it. */
static uint64_t binomial_inverse(double p, uint64_t n, double q)
{
	uint64_t low = 0, high = n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		if (binomial(middle, n, q) >= p)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

/* The quantile lies below the wake-up of rank r exactly when fewer than r are below it. */
bool quantile_interval(const struct histogram *pool, double q, struct interval *ret)
{
	uint64_t n = histogram_samples(pool);
	double tail = (1 - CONFIDENCE) / 2;
	uint64_t low = binomial_inverse(tail, n, q), high = binomial_inverse(1 - tail, n, q) + 1;

	if (low < 1 || high > n)
		return false;
	*ret = (struct interval){latency_of_rank(pool, low), latency_of_rank(pool, high)};
	return true;
}

double quantile_distance(const struct histogram *a, const struct histogram *b)
{
	unsigned bins = a->bins < b->bins ? a->bins : b->bins;
	double largest = 0, a_samples = (double)histogram_samples(a),
	       b_samples = (double)histogram_samples(b);
	uint64_t a_seen = 0, b_seen = 0;

	for (unsigned bin = 0; bin < bins; bin++) {
		a_seen += a->threads->counts[bin];
		b_seen += b->threads->counts[bin];
		double distance = fabs((double)a_seen / a_samples - (double)b_seen / b_samples);
		if (distance > largest)
			largest = distance;
	}
	return largest;
}

/* SPDX-License-Identifier: MIT */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <talloc.h>

#include "statistics/statistics.h"

#define RESAMPLES 2000
#define EXACT_LIMIT 80

/* --- the difference ----------------------------------------------------------------------- */

/* The median of as many boots as there are, drawn with replacement. */
static double resampled_median(gsl_rng *random, const double *values, unsigned count, double *room)
{
	for (unsigned i = 0; i < count; i++)
		room[i] = values[gsl_rng_uniform_int(random, count)];
	return gsl_stats_median(room, 1, count);
}

bool compare_difference(const double *a, unsigned a_count, const double *b, unsigned b_count,
	uint64_t seed, struct interval *ret)
{
	if (a_count < STATISTICS_INTERVAL_BOOTS || b_count < STATISTICS_INTERVAL_BOOTS)
		return false;
	double tail = (1 - CONFIDENCE) / 2;
	double *room = talloc_array(NULL, double, a_count > b_count ? a_count : b_count);
	double *differences = talloc_array(room, double, RESAMPLES);
	gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(random, seed);
	for (unsigned i = 0; i < RESAMPLES; i++)
		differences[i] = resampled_median(random, b, b_count, room) -
				 resampled_median(random, a, a_count, room);
	gsl_sort(differences, 1, RESAMPLES);
	ret->low = gsl_stats_quantile_from_sorted_data(differences, 1, RESAMPLES, tail);
	ret->high = gsl_stats_quantile_from_sorted_data(differences, 1, RESAMPLES, 1 - tail);
	gsl_rng_free(random);
	talloc_free(room);
	return true;
}

double compare_delta(const double *a, unsigned a_count, const double *b, unsigned b_count)
{
	int sum = 0;

	for (unsigned i = 0; i < a_count; i++)
		for (unsigned k = 0; k < b_count; k++)
			sum += (b[k] > a[i]) - (b[k] < a[i]);
	return (double)sum / ((double)a_count * b_count);
}

/* --- the test ----------------------------------------------------------------------------- */

/* Twice the rank, so that the mean ranks of ties are whole numbers too. */
static unsigned twice_rank(const double *all, unsigned count, unsigned of)
{
	unsigned rank = 1;

	for (unsigned i = 0; i < count; i++)
		rank += all[i] < all[of] ? 2 : i != of && all[i] <= all[of];
	return rank + 1;
}

/* ways[n][s]: in how many ways n boots of all have twice the sum of ranks s. */
static double *count_ways(
	void *ctx, const unsigned *ranks, unsigned count, unsigned chosen, unsigned sums)
{
	double *ways = talloc_zero_array(ctx, double, (chosen + 1) * sums);

	ways[0] = 1;
	for (unsigned i = 0; i < count; i++)
		for (unsigned n = chosen; n > 0; n--)
			for (unsigned s = ranks[i]; s < sums; s++)
				ways[n * sums + s] += ways[(n - 1) * sums + s - ranks[i]];
	return ways + (size_t)chosen * sums;
}

/* As far from the middle as what was found, or further: the share of all ways. */
static double exact(const unsigned *ranks, unsigned count, unsigned chosen, unsigned found)
{
	unsigned sums = count * (count + 1) + 1;
	void *room = talloc_new(NULL);
	double extreme = 0, ways = 0;
	const double *of_sum = count_ways(room, ranks, count, chosen, sums);
	int middle = (int)(chosen * (count + 1)), far = abs((int)found - middle);

	for (unsigned s = 0; s < sums; s++) {
		ways += of_sum[s];
		extreme += abs((int)s - middle) >= far ? of_sum[s] : 0;
	}
	talloc_free(room);
	return extreme / ways;
}

/* By the normal distribution, where there are too many ways to count. */
static double approximate(const unsigned *ranks, unsigned count, unsigned chosen, unsigned found)
{
	double n = count, middle = chosen * (n + 1), squares = 0;

	for (unsigned i = 0; i < count; i++)
		squares += (ranks[i] - (n + 1)) * (ranks[i] - (n + 1));
	double variance = chosen * (n - chosen) * squares / (n * (n - 1));
	/* Sums of doubled ranks are two apart; half a step to the middle. */
	double far = fmax(0, fabs(found - middle) - 1);
	return variance > 0 ? 2 * gsl_cdf_ugaussian_Q(far / sqrt(variance)) : 1;
}

double compare_test(const double *a, unsigned a_count, const double *b, unsigned b_count)
{
	unsigned count = a_count + b_count, found = 0;

	if (a_count < STATISTICS_TEST_BOOTS || b_count < STATISTICS_TEST_BOOTS)
		return NAN;
	double *all = talloc_array(NULL, double, count);
	unsigned *ranks = talloc_array(all, unsigned, count);
	for (unsigned i = 0; i < count; i++)
		all[i] = i < a_count ? a[i] : b[i - a_count];
	for (unsigned i = 0; i < count; i++) {
		ranks[i] = twice_rank(all, count, i);
		found += i < a_count ? ranks[i] : 0;
	}
	double p = count <= EXACT_LIMIT ? exact(ranks, count, a_count, found)
					: approximate(ranks, count, a_count, found);
	talloc_free(all);
	return p;
}

void compare_correct(double *p, unsigned count)
{
	size_t *order = talloc_array(NULL, size_t, count + 1);
	unsigned tests = 0, rank = 0;
	double least = 0;

	for (unsigned i = 0; i < count; i++)
		if (!isnan(p[i]))
			order[tests++] = i;
	for (; rank < tests; rank++) {
		/* The smallest of those that are left. */
		for (unsigned i = rank + 1; i < tests; i++)
			if (p[order[i]] < p[order[rank]]) {
				size_t swap = order[i];
				order[i] = order[rank];
				order[rank] = swap;
			}
		least = fmax(least, fmin(1, p[order[rank]] * (tests - rank)));
		p[order[rank]] = least;
	}
	talloc_free(order);
}

/* SPDX-License-Identifier: MIT */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <talloc.h>

#include "statistics/statistics.h"

static double *sorted(const double *values, unsigned count)
{
	double *copy = talloc_memdup(NULL, values, count * sizeof(*values));

	gsl_sort(copy, 1, count);
	return copy;
}

double boots_median(const double *values, unsigned count)
{
	double *copy = sorted(values, count);
	double median = gsl_stats_median_from_sorted_data(copy, 1, count);

	talloc_free(copy);
	return median;
}

double boots_deviation(const double *values, unsigned count)
{
	return count < 2 ? NAN : gsl_stats_sd(values, 1, count);
}

/* The probability that the median lies between the values of rank k from below and from above. */
static double covered(unsigned k, unsigned count)
{
	return 1 - 2 * gsl_cdf_binomial_P(k - 1, 0.5, count);
}

bool boots_interval(const double *values, unsigned count, struct interval *ret)
{
	unsigned k = 1;

	if (count < STATISTICS_INTERVAL_BOOTS)
		return false;
	while (covered(k + 1, count) >= CONFIDENCE)
		k++;
	/* Between the narrowest pair of ranks that covers enough and the next one, which does not.
	 */
	double wide = covered(k, count), narrow = covered(k + 1, count);
	double part = (wide - CONFIDENCE) / (wide - narrow);
	double weight = (count - k) * part / (k + ((double)count - 2 * k) * part);
	double *copy = sorted(values, count);
	ret->low = (1 - weight) * copy[k - 1] + weight * copy[k];
	ret->high = (1 - weight) * copy[count - k] + weight * copy[count - k - 1];
	talloc_free(copy);
	return true;
}

/* The width of an interval shrinks with the square root of the number of boots. */
int64_t boots_needed(const double *values, unsigned count, double precision)
{
	struct interval interval;
	double median = boots_median(values, count);

	if (!boots_interval(values, count, &interval) || median <= 0)
		return -1;
	double reach = fmax(interval.high - median, median - interval.low);
	double ratio = reach / (precision * median);
	double all = ceil(count * ratio * ratio);
	return all <= count ? 0 : (int64_t)all - count;
}

static bool changes(const double *values, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		if (values[i] < values[0] || values[i] > values[0])
			return true;
	return false;
}

double boots_drift(const double *values, const double *times, unsigned count)
{
	if (count < STATISTICS_TEST_BOOTS || !changes(values, count) || !changes(times, count))
		return NAN;
	double *work = talloc_array(NULL, double, 2 * count);
	double rho = gsl_stats_spearman(values, 1, times, 1, count, work);
	talloc_free(work);
	return rho;
}

/* SPDX-License-Identifier: MIT */
#include "statistics/over-boots.h"

#include <math.h>
#include <talloc.h>

double *over_boots_values(void *ctx, const struct cell *cell, unsigned i, double *ret_known)
{
	double *values = talloc_array(ctx, double, cell->boot_count);

	*ret_known = -1;
	for (unsigned b = 0; b < cell->boot_count; b++) {
		int64_t value = cell->boots[b].quantiles[i];
		if (value < 0)
			return NULL;
		values[b] = (double)value;
		if (value < (int64_t)cell->pool->bins)
			*ret_known = fmax(*ret_known, values[b]);
	}
	return values;
}

/* The standard deviation of runs around the mean of their boot; NAN where no boot has two. */
static double deviation_within(const struct cell *cell, unsigned i)
{
	double squares = 0, freedom = 0;

	for (unsigned b = 0; b < cell->boot_count; b++) {
		double mean = 0, runs = cell->boots[b].runs;
		for (unsigned r = 0; r < cell->run_count; r++)
			if (cell->runs[r].boot == b)
				mean += (double)cell->runs[r].quantiles[i] / runs;
		for (unsigned r = 0; r < cell->run_count; r++)
			if (cell->runs[r].boot == b)
				squares += pow((double)cell->runs[r].quantiles[i] - mean, 2);
		freedom += runs - 1;
	}
	return freedom > 0 ? sqrt(squares / freedom) : NAN;
}

/* The quantile of a boot's runs in their order into `values`; false when one has too few wake-ups.
 */
static bool runs_of_boot(
	const struct cell *cell, unsigned boot, unsigned i, double *values, double *order)
{
	unsigned count = 0;

	for (unsigned r = 0; r < cell->run_count; r++) {
		if (cell->runs[r].boot != boot)
			continue;
		if (cell->runs[r].quantiles[i] < 0)
			return false;
		order[count] = count;
		values[count++] = (double)cell->runs[r].quantiles[i];
	}
	return true;
}

double over_boots_drift_within(const struct cell *cell, unsigned i, unsigned *ret_boots)
{
	double sum = 0, *values = talloc_array(NULL, double, cell->run_count);
	double *order = talloc_array(values, double, cell->run_count);

	*ret_boots = 0;
	for (unsigned b = 0; b < cell->boot_count; b++) {
		double drift = runs_of_boot(cell, b, i, values, order)
				       ? boots_drift(values, order, cell->boots[b].runs)
				       : NAN;
		if (isnan(drift))
			continue;
		sum += drift;
		++*ret_boots;
	}
	talloc_free(values);
	return *ret_boots > 0 ? sum / *ret_boots : NAN;
}

/* A run may have too few wake-ups where its boot has enough, or some among the overflows. */
static bool runs_tell(const struct cell *cell, unsigned i)
{
	for (unsigned r = 0; r < cell->run_count; r++)
		if (cell->runs[r].quantiles[i] < 0 ||
			cell->runs[r].quantiles[i] >= (int64_t)cell->pool->bins)
			return false;
	return true;
}

static void state_boots(const struct cell *cell, unsigned i, const double *values, double precision,
	struct over_boots *ret)
{
	unsigned count = cell->boot_count;
	bool all_known = ret->known >= 0 && runs_tell(cell, i);

	ret->told = true;
	ret->median = boots_median(values, count);
	ret->has_interval = boots_interval(values, count, &ret->interval);
	if (!all_known)
		return;
	ret->between = boots_deviation(values, count);
	ret->within = deviation_within(cell, i);
	if (ret->has_interval)
		ret->more = boots_needed(values, count, precision);
}

struct over_boots over_boots_state(const struct cell *cell, unsigned i, double precision)
{
	struct over_boots ret = {
		.pooled = quantile_of(cell->pool, quantiles[i].q),
		.corrected = quantile_of(cell->corrected, quantiles[i].q),
		.between = NAN,
		.within = NAN,
		.more = -1,
	};
	void *ctx = talloc_new(NULL);
	const double *values = over_boots_values(ctx, cell, i, &ret.known);

	if (values)
		state_boots(cell, i, values, precision, &ret);
	talloc_free(ctx);
	return ret;
}

/* SPDX-License-Identifier: MIT */
#include "statistics/pairs.h"

#include <math.h>
#include <talloc.h>

#include "statistics/over-boots.h"

/* A typical latency and a rare one; more would only make Holm's correction harder. */
static const unsigned compared[] = {0, 3}; /* p50, p99.9 */
#define COMPARED_COUNT (sizeof(compared) / sizeof(*compared))

static double largest(const double *values, unsigned count)
{
	double most = values[0];

	for (unsigned i = 1; i < count; i++)
		most = fmax(most, values[i]);
	return most;
}

static void state_difference(
	struct pair *pair, const double *a_values, const double *b_values, int64_t seed)
{
	unsigned a = pair->a->boot_count, b = pair->b->boot_count;

	if (largest(a_values, a) >= pair->a->pool->bins ||
		largest(b_values, b) >= pair->b->pool->bins)
		return;
	pair->has_difference = true;
	pair->difference = boots_median(b_values, b) - boots_median(a_values, a);
	pair->has_interval =
		compare_difference(a_values, a, b_values, b, (uint64_t)seed, &pair->interval);
}

static void state(void *ctx, struct pair *pair, int64_t seed)
{
	const struct cell *a = pair->a, *b = pair->b;
	double known;
	const double *a_values = over_boots_values(ctx, a, pair->quantile, &known);
	const double *b_values = over_boots_values(ctx, b, pair->quantile, &known);

	if (cell_misses(a) || cell_misses(b))
		pair->why_not = "not compared: wake-ups are missing, see DEVIATIONS";
	else if (cell_do_not_rank(a) || cell_do_not_rank(b))
		pair->why_not = "not compared: runs were disturbed, see DEVIATIONS";
	else if (!a_values || !b_values)
		pair->why_not = "not compared: a boot has too few wake-ups";
	if (pair->why_not)
		return;
	state_difference(pair, a_values, b_values, seed);
	pair->delta = compare_delta(a_values, a->boot_count, b_values, b->boot_count);
	pair->p = compare_test(a_values, a->boot_count, b_values, b->boot_count);
	pair->distance = quantile_distance(a->pool, b->pool);
}

struct pair pair_state(const struct cell *a, const struct cell *b, unsigned quantile, int64_t seed)
{
	struct pair pair = {.a = a, .b = b, .quantile = quantile, .p = NAN};
	void *values = talloc_new(NULL);

	state(values, &pair, seed);
	talloc_free(values);
	return pair;
}

/* All tests of the report are one family. */
static void correct(struct pair *pairs, unsigned count)
{
	double *p = talloc_array(NULL, double, count);

	for (unsigned i = 0; i < count; i++)
		p[i] = pairs[i].p;
	compare_correct(p, count);
	for (unsigned i = 0; i < count; i++)
		pairs[i].p = p[i];
	talloc_free(p);
}

static bool comparable(const struct cell *a, const struct cell *b)
{
	return a->experiment == b->experiment && a->pool && b->pool;
}

struct pair *pairs_compare(void *ctx, struct cell *const *cells, int64_t seed, unsigned *ret_count)
{
	struct pair *pairs = talloc_array(ctx, struct pair, 0);
	unsigned count = 0;

	for (struct cell *const *a = cells; *a; a++)
		for (struct cell *const *b = a + 1; *b; b++)
			for (unsigned i = 0; comparable(*a, *b) && i < COMPARED_COUNT; i++) {
				pairs = talloc_realloc(ctx, pairs, struct pair, count + 1);
				pairs[count++] = pair_state(*a, *b, compared[i], seed);
			}
	correct(pairs, count);
	*ret_count = count;
	return pairs;
}

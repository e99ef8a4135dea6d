/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "output/report-parts.h"

/* Two setups in one experiment, by one quantile of their boots. */
struct comparison {
	const struct cell *a, *b;
	unsigned quantile;
	double *a_values, *b_values; /* one for each boot; NULL where a boot has too few wake-ups */
};

/* A typical latency and a rare one; more would only make Holm's correction harder. */
static const unsigned compared[] = {0, 3}; /* p50, p99.9 */
#define COMPARED_COUNT (sizeof(compared) / sizeof(*compared))

static bool comparable(const struct cell *a, const struct cell *b)
{
	return a->experiment == b->experiment && a->pool && b->pool;
}

static struct comparison *list_comparisons(struct report *report, unsigned *ret_count)
{
	struct comparison *list = talloc_array(report, struct comparison, 0);
	unsigned count = 0;

	for (struct cell **a = report->cells; *a; a++)
		for (struct cell **b = a + 1; *b; b++)
			for (unsigned i = 0; comparable(*a, *b) && i < COMPARED_COUNT; i++) {
				double known;
				list = talloc_realloc(report, list, struct comparison, count + 1);
				list[count] = (struct comparison){*a, *b, compared[i],
					report_boot_values(report, *a, compared[i], &known),
					report_boot_values(report, *b, compared[i], &known)};
				count++;
			}
	*ret_count = count;
	return list;
}

static bool misses(const struct comparison *comparison)
{
	return cell_misses(comparison->a) || cell_misses(comparison->b);
}

static bool told(const struct comparison *comparison)
{
	return comparison->a_values && comparison->b_values && !misses(comparison);
}

/* All tests of the report are one family. */
static double *test_all(struct report *report, const struct comparison *list, unsigned count)
{
	double *p = talloc_array(report, double, count);

	for (unsigned i = 0; i < count; i++)
		p[i] = told(&list[i]) ? compare_test(list[i].a_values, list[i].a->boot_count,
						list[i].b_values, list[i].b->boot_count)
				      : NAN;
	compare_correct(p, count);
	return p;
}

static double largest(const double *values, unsigned count)
{
	double most = values[0];

	for (unsigned i = 1; i < count; i++)
		most = fmax(most, values[i]);
	return most;
}

char *report_difference(void *ctx, const struct cell *a, const double *a_values,
	const struct cell *b, const double *b_values, int64_t seed)
{
	struct interval interval;

	if (largest(a_values, a->boot_count) >= a->pool->bins ||
		largest(b_values, b->boot_count) >= b->pool->bins)
		return talloc_strdup(ctx, "-");
	double difference =
		boots_median(b_values, b->boot_count) - boots_median(a_values, a->boot_count);
	if (!compare_difference(
		    a_values, a->boot_count, b_values, b->boot_count, (uint64_t)seed, &interval))
		return talloc_asprintf(ctx, "%+.4g -", difference);
	return talloc_asprintf(
		ctx, "%+.4g [%+.4g, %+.4g]", difference, interval.low, interval.high);
}

static void say_comparison(struct report *report, const struct comparison *comparison, double p)
{
	const struct cell *a = comparison->a, *b = comparison->b;
	void *ctx = talloc_new(report);
	char *pair = talloc_asprintf(
		ctx, "%s: %s - %s", a->experiment->name, b->setup->name, a->setup->name);

	report_say(report, "  %-40s %-6s ", pair, quantiles[comparison->quantile].name);
	if (misses(comparison))
		report_say(report, "not compared: wake-ups are missing, see DEVIATIONS\n");
	else if (!told(comparison))
		report_say(report, "not compared: a boot has too few wake-ups\n");
	else
		report_say(report, "%-24s delta %+.2f  p %-8s distance %.3f\n",
			report_difference(ctx, a, comparison->a_values, b, comparison->b_values,
				report->plan->seed),
			compare_delta(comparison->a_values, a->boot_count, comparison->b_values,
				b->boot_count),
			isnan(p) ? "-" : talloc_asprintf(ctx, "%.4f", p),
			quantile_distance(a->pool, b->pool));
	talloc_free(ctx);
}

void report_say_comparisons(struct report *report)
{
	unsigned count;
	const struct comparison *list = list_comparisons(report, &count);
	const double *p = test_all(report, list, count);

	if (count == 0)
		return;
	report_say(report,
		"\nCOMPARISONS of setups, by the boots' quantiles: difference of the medians in us "
		"with its 95 %% interval\n"
		"(bootstrap over boots, seed %ld; from %d boots on); Cliff's delta; Mann and "
		"Whitney's p (from %d boots on)\n"
		"after Holm's correction for all tests here; the largest distance of the pooled "
		"distributions, no test.\n",
		report->plan->seed, STATISTICS_INTERVAL_BOOTS, STATISTICS_TEST_BOOTS);
	for (unsigned i = 0; i < count; i++)
		say_comparison(report, &list[i], p[i]);
}

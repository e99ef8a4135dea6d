/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "tables/report-parts.h"

static const struct column columns[] = {
	{"setups", "  ", NULL, -40, true},
	{"quantile", " ", NULL, -6, true},
	{"difference", " ", NULL, -24, true},
	{"delta", " delta ", NULL, 0, false},
	{"p", "  p ", NULL, -8, false},
	{"distance", " distance ", NULL, 0, false},
};

char *report_difference(void *ctx, const struct pair *pair)
{
	if (!pair->has_difference)
		return talloc_strdup(ctx, "-");
	if (!pair->has_interval)
		return talloc_asprintf(ctx, "%+.4g -", pair->difference);
	return talloc_asprintf(ctx, "%+.4g [%+.4g, %+.4g]", pair->difference, pair->interval.low,
		pair->interval.high);
}

static void add_pair(struct table *table, const struct pair *pair)
{
	table_row(table);
	table_cell(table, "%s: %s - %s", pair->a->experiment->name, pair->b->setup->name,
		pair->a->setup->name);
	table_cell(table, "%s", quantiles[pair->quantile].name);
	if (pair->why_not) {
		table_cell(table, "%s", pair->why_not);
		return;
	}
	table_cell(table, "%s", report_difference(table, pair));
	table_cell(table, "%+.2f", pair->delta);
	if (isnan(pair->p))
		table_cell(table, "-");
	else
		table_cell(table, "%.4f", pair->p);
	table_cell(table, "%.3f", pair->distance);
}

static const char *explanation(struct report *report)
{
	return talloc_asprintf(report,
		"difference of the medians in us with its 95 %% interval\n"
		"(bootstrap over boots, seed %ld; from %d boots on); Cliff's delta; Mann and "
		"Whitney's p (from %d boots on)\n"
		"after Holm's correction for all tests here; the largest distance of the pooled "
		"distributions, no test.",
		report->plan->seed, STATISTICS_INTERVAL_BOOTS, STATISTICS_TEST_BOOTS);
}

void report_comparisons(struct report *report)
{
	struct table *table = table_new(report, columns, sizeof(columns) / sizeof(*columns), false);

	report->pairs =
		pairs_compare(report, report->cells, report->plan->seed, &report->pair_count);
	if (report->pair_count == 0)
		return;
	for (unsigned i = 0; i < report->pair_count; i++)
		add_pair(table, &report->pairs[i]);
	report_add(report, &(struct section){
				   .id = "comparisons",
				   .title = "Comparisons of setups, by the boots' quantiles",
				   .lead = "COMPARISONS of setups, by the boots' quantiles: ",
				   .explanation = explanation(report),
				   .in_paper = true,
				   .table = table,
			   });
}

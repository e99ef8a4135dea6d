/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "statistics/over-boots.h"
#include "tables/report-parts.h"

/* --- latencies --------------------------------------------------------------------------- */

static const struct column latency_columns[] = {
	{"cell", "  ", NULL, -24, true},
	{"N", " ", NULL, 10, false},
	{"boots", " ", NULL, 5, false},
	{"hours", " ", NULL, 7, false},
	{"min", " ", NULL, 6, false},
	{"avg", " ", NULL, 6, false},
	{"largest", " ", NULL, 8, false},
	{"beyond", " ", NULL, 9, false},
	{"missed", " ", NULL, 9, false},
};

static void add_cell(struct table *table, const struct cell *cell)
{
	table_row(table);
	table_cell(table, "%s", cell->name);
	if (!cell->pool) {
		table_cell(table, "not measured");
		return;
	}
	const struct histogram_thread *thread = cell->pool->threads;
	table_cell(table, "%lu", histogram_samples(cell->pool));
	table_cell(table, "%u", cell->boot_count);
	table_cell(table, "%.2f",
		(double)cell->run_count * (double)cell->experiment->cyclictest.duration_s / 3600);
	table_cell(table, "%ld", thread->min_us);
	table_cell(table, "%ld", thread->avg_us);
	table_cell(table, "%ld", thread->max_us);
	table_cell(table, "%lu", thread->overflows);
	table_cell(table, "%lu", cell->wakeups.missed);
	if (cell_do_not_rank(cell))
		table_mark(table, "!");
}

void report_latencies(struct report *report)
{
	struct table *table = table_new(
		report, latency_columns, sizeof(latency_columns) / sizeof(*latency_columns), true);

	for (struct cell **cell = report->cells; *cell; cell++)
		add_cell(table, *cell);
	report_add(report,
		&(struct section){
			.id = "latencies",
			.title = "Latencies in us",
			.lead = "LATENCIES in us. ",
			.explanation = talloc_asprintf(report,
				"\"largest\" is the largest seen in N wake-ups, that many boots "
				"and hours, not a bound.\n\"beyond\" lie behind the histogram's "
				"end. ! = more than %g %% of the wake-ups are missing, or its "
				"runs were disturbed, see\nDEVIATIONS.",
				100 * WAKEUPS_MISSED_LIMIT),
			.in_paper = true,
			.table = table,
		});
}

/* --- quantiles --------------------------------------------------------------------------- */

static const struct column quantile_columns[] = {
	{"quantile", "    ", NULL, -8, true},
	{"pooled", " ", NULL, 9, false},
	{"corrected", " ", NULL, 9, false},
	{"median", " ", NULL, 9, false},
	{"95 % interval", "  ", NULL, -18, true},
	{"between", " ", NULL, 8, false},
	{"within", " ", NULL, 8, false},
	{"more", " ", NULL, 6, false},
};

static char *deviation_word(void *ctx, double deviation)
{
	return isnan(deviation) ? talloc_strdup(ctx, "-") : talloc_asprintf(ctx, "%.3g", deviation);
}

static char *more_word(void *ctx, int64_t more)
{
	return more < 0 ? talloc_strdup(ctx, "-") : talloc_asprintf(ctx, "%ld", more);
}

char *report_median(void *ctx, const struct over_boots *said)
{
	return said->told ? stated_number(ctx, said->median, said->known) : talloc_strdup(ctx, "-");
}

static void add_quantile(struct table *table, const struct cell *cell, unsigned i, double precision)
{
	const struct over_boots said = over_boots_state(cell, i, precision);
	void *ctx = talloc_new(table);

	table_row(table);
	table_cell(table, "%s", quantiles[i].name);
	table_cell(table, "%s", stated_latency(ctx, said.pooled, cell->pool->bins));
	table_cell(table, "%s", stated_latency(ctx, said.corrected, cell->corrected->bins));
	table_cell(table, "%s", report_median(ctx, &said));
	table_cell(table, "%s",
		said.has_interval ? stated_interval(ctx, &said.interval, said.known) : "-");
	table_cell(table, "%s", deviation_word(ctx, said.between));
	table_cell(table, "%s", deviation_word(ctx, said.within));
	table_cell(table, "%s", more_word(ctx, said.more));
	talloc_free(ctx);
}

const char *report_caution(const struct cell *cell)
{
	if (cell_misses(cell))
		return "; wake-ups are missing, see DEVIATIONS: do not rank by it";
	return cell_do_not_rank(cell) ? "; disturbed, see DEVIATIONS: do not rank by it" : "";
}

static void add_quantiles(struct table *table, const struct cell *cell, double precision)
{
	table_group(table, "%s, %u boots%s", cell->name, cell->boot_count, report_caution(cell));
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		add_quantile(table, cell, i, precision);
}

void report_quantiles(struct report *report)
{
	int precision = report->plan->output.precision;
	struct table *table = table_new(report, quantile_columns,
		sizeof(quantile_columns) / sizeof(*quantile_columns), true);

	for (struct cell **cell = report->cells; *cell; cell++)
		if ((*cell)->pool)
			add_quantiles(table, *cell, precision / 100.0);
	report_add(report,
		&(struct section){
			.id = "quantiles",
			.title = "Quantiles in us",
			.lead = "QUANTILES in us. ",
			.explanation = talloc_asprintf(report,
				"\"pooled\": of all wake-ups; \"corrected\": with those that late "
				"ones swallowed.\n\"median\": of the boots' quantiles, with its "
				"95 %% interval over boots (from %d boots on);\n\"between\" and "
				"\"within\": standard deviations of boots, and of runs in a boot; "
				"\"more\": boots until\nthe interval is within %d %% of the median. "
				"- = the data cannot tell. See docs/statistics.md.",
				STATISTICS_INTERVAL_BOOTS, precision),
			.in_paper = true,
			.table = table,
		});
}

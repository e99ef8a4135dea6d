/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "statistics/over-boots.h"
#include "tables/report-parts.h"

/* --- boots ------------------------------------------------------------------------------- */

static const struct column boot_columns[] = {
	{"visit", "    visit ", NULL, -3, false},
	{"block", " block ", NULL, -3, false},
	{"N", " N ", NULL, -9, false},
	{"largest", " largest ", NULL, 0, false},
	{"p50", "  p50 ", NULL, 0, false},
	{"p90", "  p90 ", NULL, 0, false},
	{"p99", "  p99 ", NULL, 0, false},
	{"p99.9", "  p99.9 ", NULL, 0, false},
	{"p99.99", "  p99.99 ", NULL, 0, false},
	{"p99.999", "  p99.999 ", NULL, 0, false},
	{"distance", ", ", " from all", 0, false},
};

static char *quantile_word(void *ctx, const struct boot *boot, unsigned i)
{
	char *latency = stated_latency(ctx, boot->quantiles[i], boot->pool->bins);
	struct interval interval;

	if (boot->quantiles[i] < 0 || !quantile_interval(boot->pool, quantiles[i].q, &interval))
		return latency;
	return talloc_asprintf(
		ctx, "%s %s", latency, stated_interval(ctx, &interval, boot->pool->bins - 1));
}

static void add_boot(struct table *table, const struct plan *plan, const struct cell *cell,
	const struct boot *boot)
{
	table_row(table);
	table_cell(table, "%u", boot->visit + 1);
	table_cell(table, "%u", plan->visits[boot->visit].block);
	table_cell(table, "%lu", histogram_samples(boot->pool));
	table_cell(table, "%ld", boot->pool->threads->max_us);
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		table_cell(table, "%s", quantile_word(table, boot, i));
	table_cell(table, "%.3f", quantile_distance(boot->pool, cell->pool));
}

/* The rank correlation of a quantile with the time at which the boots were measured. */
static void add_drift(struct table *table, const struct cell *cell)
{
	double *times = talloc_array(table, double, cell->boot_count);

	for (unsigned b = 0; b < cell->boot_count; b++)
		times[b] = (double)cell->boots[b].began;
	for (unsigned i = 0; i < QUANTILE_COUNT; i++) {
		double known, *values = over_boots_values(times, cell, i, &known);
		double drift = values ? boots_drift(values, times, cell->boot_count) : NAN;
		if (!isnan(drift))
			table_note(table, "%s with time: rank correlation %.2f", quantiles[i].name,
				drift);
	}
	talloc_free(times);
}

/* And with the order of the runs in their boot: the machine warms up, say. */
static void add_drift_within(struct table *table, const struct cell *cell)
{
	for (unsigned i = 0; i < QUANTILE_COUNT; i++) {
		unsigned boots;
		double drift = over_boots_drift_within(cell, i, &boots);
		if (!isnan(drift))
			table_note(table,
				"%s within a visit: rank correlation %.2f (mean of %u boots)",
				quantiles[i].name, drift, boots);
	}
}

static const char *boots_explanation(struct report *report)
{
	return talloc_asprintf(report,
		"quantiles in us with 95 %% intervals by order statistics, which hold for this "
		"boot alone and\n"
		"were its wake-ups independent; the largest distance of its distribution from that "
		"of all boots; from %d\n"
		"boots on the rank correlation of quantiles with the time of the boots, from %d runs in "
		"a boot on that\n"
		"with their order in it. A histogram cannot show whether latencies drifted within a "
		"run.",
		STATISTICS_TEST_BOOTS, STATISTICS_TEST_BOOTS);
}

void report_boots(struct report *report)
{
	struct table *table = table_new(
		report, boot_columns, sizeof(boot_columns) / sizeof(*boot_columns), false);

	for (struct cell **cell = report->cells; *cell; cell++) {
		if (!(*cell)->pool)
			continue;
		table_group(table, "%s%s", (*cell)->name, report_caution(*cell));
		for (unsigned b = 0; b < (*cell)->boot_count; b++)
			add_boot(table, report->plan, *cell, &(*cell)->boots[b]);
		add_drift(table, *cell);
		add_drift_within(table, *cell);
	}
	report_add(report, &(struct section){
				   .id = "boots",
				   .title = "Boots",
				   .lead = "BOOTS: ",
				   .explanation = boots_explanation(report),
				   .table = table,
			   });
}

/* --- wake-ups ---------------------------------------------------------------------------- */

static const struct column wakeup_columns[] = {
	{"run", "  ", NULL, -28, true},
	{"thread", " thread ", NULL, 0, false},
	{"expected", ": ", " expected", 0, false},
	{"got", ", ", " got", 0, false},
	{"missed", ", ", " missed", 0, false},
	{"missed, %", " (", " %)", 0, false},
};

static void add_threads(struct table *table, const struct cell_run *run)
{
	for (unsigned t = 0; t < run->thread_count; t++) {
		const struct wakeups *thread = &run->threads[t];
		table_row(table);
		table_cell(table, "%s", run->run->id);
		table_cell(table, "%u", t);
		table_cell(table, "%lu", thread->expected);
		table_cell(table, "%lu", thread->got);
		table_cell(table, "%lu", thread->missed);
		table_cell(table, "%.3f", 100 * (double)thread->missed / (double)thread->expected);
	}
}

void report_wakeups(struct report *report)
{
	struct table *table = table_new(
		report, wakeup_columns, sizeof(wakeup_columns) / sizeof(*wakeup_columns), false);

	for (struct cell **cell = report->cells; *cell; cell++)
		for (unsigned r = 0; r < (*cell)->run_count; r++)
			add_threads(table, &(*cell)->runs[r]);
	report_add(report, &(struct section){
				   .id = "wakeups",
				   .title = "Wake-ups of each run",
				   .lead = "WAKE-UPS OF EACH RUN",
				   .explanation = "",
				   .table = table,
			   });
}

/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "output/report-parts.h"

/* --- boots ------------------------------------------------------------------------------- */

static char *quantile_word(void *ctx, const struct boot *boot, unsigned i)
{
	char *latency = report_latency(ctx, boot->quantiles[i], boot->pool->bins);
	struct interval interval;

	if (boot->quantiles[i] < 0 || !quantile_interval(boot->pool, quantiles[i].q, &interval))
		return latency;
	return talloc_asprintf(
		ctx, "%s %s", latency, report_interval(ctx, &interval, boot->pool->bins - 1));
}

static void say_boot(struct report *report, const struct cell *cell, const struct boot *boot)
{
	void *ctx = talloc_new(report);

	report_say(report, "    visit %-3u block %-3u N %-9lu largest %ld", boot->visit + 1,
		report->plan->visits[boot->visit].block, histogram_samples(boot->pool),
		boot->pool->threads->max_us);
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		report_say(report, "  %s %s", quantiles[i].name, quantile_word(ctx, boot, i));
	report_say(report, ", %.3f from all\n", quantile_distance(boot->pool, cell->pool));
	talloc_free(ctx);
}

/* The rank correlation of a quantile with the time at which the boots were measured. */
static void say_drift(struct report *report, const struct cell *cell)
{
	double *times = talloc_array(report, double, cell->boot_count);

	for (unsigned b = 0; b < cell->boot_count; b++)
		times[b] = (double)cell->boots[b].began;
	for (unsigned i = 0; i < QUANTILE_COUNT; i++) {
		double known, *values = report_boot_values(times, cell, i, &known);
		double drift = values ? boots_drift(values, times, cell->boot_count) : NAN;
		if (!isnan(drift))
			report_say(report, "    %s with time: rank correlation %.2f\n",
				quantiles[i].name, drift);
	}
	talloc_free(times);
}

void report_say_boots(struct report *report)
{
	report_say(report,
		"\nBOOTS: quantiles in us with 95 %% intervals by order statistics, which hold for "
		"this boot alone and\n"
		"were its wake-ups independent; the largest distance of its distribution from that "
		"of all boots; from %d\n"
		"boots on the rank correlation of quantiles with the time of the boots. A histogram "
		"cannot show whether\n"
		"latencies drifted within a run.\n",
		STATISTICS_TEST_BOOTS);
	for (struct cell **cell = report->cells; *cell; cell++) {
		if (!(*cell)->pool)
			continue;
		report_say(report, "  %s\n", (*cell)->name);
		for (unsigned b = 0; b < (*cell)->boot_count; b++)
			say_boot(report, *cell, &(*cell)->boots[b]);
		say_drift(report, *cell);
	}
}

/* --- wake-ups ---------------------------------------------------------------------------- */

static void say_threads(struct report *report, const struct cell_run *run)
{
	for (unsigned t = 0; t < run->thread_count; t++) {
		const struct wakeups *thread = &run->threads[t];
		report_say(report,
			"  %-28s thread %u: %lu expected, %lu got, %lu missed (%.3f %%)\n",
			run->run->id, t, thread->expected, thread->got, thread->missed,
			100 * (double)thread->missed / (double)thread->expected);
	}
}

void report_say_wakeups(struct report *report)
{
	report_say(report, "\nWAKE-UPS OF EACH RUN\n");
	for (struct cell **cell = report->cells; *cell; cell++)
		for (unsigned r = 0; r < (*cell)->run_count; r++)
			say_threads(report, &(*cell)->runs[r]);
}

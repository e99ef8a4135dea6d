/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <talloc.h>

#include "output/report-parts.h"

char *report_latency(void *ctx, int64_t latency, unsigned bins)
{
	if (latency < 0)
		return talloc_strdup(ctx, "-");
	return talloc_asprintf(ctx, "%s%ld", latency >= (int64_t)bins ? ">=" : "", latency);
}

char *report_number(void *ctx, double value, double known)
{
	return talloc_asprintf(ctx, "%s%.4g", value > known ? ">=" : "", value);
}

char *report_interval(void *ctx, const struct interval *interval, double known)
{
	return talloc_asprintf(ctx, "[%s, %s]", report_number(ctx, interval->low, known),
		report_number(ctx, interval->high, known));
}

double *report_boot_values(void *ctx, const struct cell *cell, unsigned i, double *ret_known)
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

static void say_cell(struct report *report, const struct cell *cell)
{
	if (!cell->pool) {
		report_say(report, "  %-24s not measured\n", cell->name);
		return;
	}
	const struct histogram_thread *thread = cell->pool->threads;
	double hours =
		(double)cell->run_count * (double)cell->experiment->cyclictest.duration_s / 3600;
	report_say(report, "  %-24s %10lu %5u %7.2f %6ld %6ld %8ld %9lu %9lu%s\n", cell->name,
		histogram_samples(cell->pool), cell->boot_count, hours, thread->min_us,
		thread->avg_us, thread->max_us, thread->overflows, cell->wakeups.missed,
		cell_misses(cell) ? "  !" : "");
}

/* --- quantiles --------------------------------------------------------------------------- */

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

/* A run may have too few wake-ups where its boot has enough, or some among the overflows. */
static bool runs_tell(const struct cell *cell, unsigned i)
{
	for (unsigned r = 0; r < cell->run_count; r++)
		if (cell->runs[r].quantiles[i] < 0 ||
			cell->runs[r].quantiles[i] >= (int64_t)cell->pool->bins)
			return false;
	return true;
}

static char *deviation_word(void *ctx, double deviation)
{
	return isnan(deviation) ? talloc_strdup(ctx, "-") : talloc_asprintf(ctx, "%.3g", deviation);
}

static char *needed_word(void *ctx, const double *values, unsigned count, double precision)
{
	int64_t needed = boots_needed(values, count, precision);

	return needed < 0 ? talloc_strdup(ctx, "-") : talloc_asprintf(ctx, "%ld", needed);
}

struct words {
	char *median, *interval, *between, *within, *needed;
};

static void over_boots(void *ctx, const struct cell *cell, unsigned i, double precision,
	const double *values, double known, struct words *words)
{
	struct interval interval;
	bool all_known = known >= 0 && runs_tell(cell, i);

	words->median = report_number(ctx, boots_median(values, cell->boot_count), known);
	if (boots_interval(values, cell->boot_count, &interval)) {
		words->interval = report_interval(ctx, &interval, known);
		words->needed = all_known ? needed_word(ctx, values, cell->boot_count, precision)
					  : words->needed;
	}
	if (!all_known)
		return;
	words->between = deviation_word(ctx, boots_deviation(values, cell->boot_count));
	words->within = deviation_word(ctx, deviation_within(cell, i));
}

static void say_quantile(struct report *report, const struct cell *cell, unsigned i)
{
	char dash[] = "-";
	struct words words = {dash, dash, dash, dash, dash};
	double known, q = quantiles[i].q;
	void *ctx = talloc_new(report);
	const double *values = report_boot_values(ctx, cell, i, &known);

	if (values)
		over_boots(ctx, cell, i, report->plan->output.precision / 100.0, values, known,
			&words);
	report_say(report, "    %-8s %9s %9s %9s  %-18s %8s %8s %6s\n", quantiles[i].name,
		report_latency(ctx, quantile_of(cell->pool, q), cell->pool->bins),
		report_latency(ctx, quantile_of(cell->corrected, q), cell->corrected->bins),
		words.median, words.interval, words.between, words.within, words.needed);
	talloc_free(ctx);
}

static void say_quantiles(struct report *report, const struct cell *cell)
{
	report_say(report, "  %s, %u boots%s\n", cell->name, cell->boot_count,
		cell_misses(cell) ? "; wake-ups are missing, see DEVIATIONS: do not rank by it"
				  : "");
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		say_quantile(report, cell, i);
}

void report_say_latencies(struct report *report)
{
	report_say(report,
		"\nLATENCIES in us. \"largest\" is the largest seen in N wake-ups, that many boots "
		"and hours, not a bound.\n"
		"\"beyond\" lie behind the histogram's end. ! = more than %g %% of the wake-ups are "
		"missing.\n"
		"  %-24s %10s %5s %7s %6s %6s %8s %9s %9s\n",
		100 * CELL_MISSED_LIMIT, "cell", "N", "boots", "hours", "min", "avg", "largest",
		"beyond", "missed");
	for (struct cell **cell = report->cells; *cell; cell++)
		say_cell(report, *cell);
	report_say(report,
		"\nQUANTILES in us. \"pooled\": of all wake-ups; \"corrected\": with those that late "
		"ones swallowed.\n"
		"\"median\": of the boots' quantiles, with its 95 %% interval over boots (from %d "
		"boots on);\n"
		"\"between\" and \"within\": standard deviations of boots, and of runs in a boot; "
		"\"more\": boots until\n"
		"the interval is within %d %% of the median. - = the data cannot tell. See "
		"docs/statistics.md.\n"
		"    %-8s %9s %9s %9s  %-18s %8s %8s %6s\n",
		STATISTICS_INTERVAL_BOOTS, report->plan->output.precision, "", "pooled",
		"corrected", "median", "95 % interval", "between", "within", "more");
	for (struct cell **cell = report->cells; *cell; cell++)
		if ((*cell)->pool)
			say_quantiles(report, *cell);
}

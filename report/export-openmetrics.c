/* SPDX-License-Identifier: MIT */
/*
 * OpenMetrics 1.0 (https://openmetrics.io): families of metrics, each with its samples together.
 */
#include <string.h>
#include <talloc.h>

#include "report/export.h"

static char *add_family(
	char *text, const char *name, const char *type, const char *unit, const char *help)
{
	text = talloc_asprintf_append_buffer(text, "# TYPE %s %s\n", name, type);
	if (unit)
		text = talloc_asprintf_append_buffer(text, "# UNIT %s %s\n", name, unit);
	return talloc_asprintf_append_buffer(text, "# HELP %s %s\n", name, help);
}

/* campaign="...",setup="...",experiment="...". Names hold nothing that would have to be escaped:
 * the campaign language sees to that. */
static char *labels(void *ctx, const struct report *report, const struct cell *cell)
{
	return talloc_asprintf(ctx, "campaign=\"%s\",setup=\"%s\",experiment=\"%s\"",
		report->plan->name, cell->setup->name, cell->experiment->name);
}

/* Seconds, as a float that always looks like one: "0.0002", "1e-06", "1.0". */
static char *seconds(void *ctx, int64_t us)
{
	char *text = talloc_asprintf(ctx, "%.9g", (double)us / 1e6);

	return strpbrk(text, ".e") ? text : talloc_strdup_append(text, ".0");
}

/* --- runs --------------------------------------------------------------------------------- */

static char *add_runs(char *text, const struct report *report)
{
	text = add_family(text, "latcampaign_runs", "gauge", NULL, "Runs of the plan by outcome.");
	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		text = talloc_asprintf_append_buffer(text,
			"latcampaign_runs{campaign=\"%s\",outcome=\"%s\"} %u\n", report->plan->name,
			outcome_name((enum outcome)o), report->counts[o]);
	return talloc_asprintf_append_buffer(text,
		"latcampaign_runs{campaign=\"%s\",outcome=\"not measured\"} %u\n",
		report->plan->name, report->missing);
}

/* --- latencies ---------------------------------------------------------------------------- */

/* Bins hold whole microseconds: the one of number `us` begins where the bucket ends. */
static char *add_buckets(char *text, const struct cell *cell, const char *of)
{
	static const int64_t steps[] = {1, 2, 5};
	uint64_t seen = 0;
	unsigned bin = 0;

	for (int64_t decade = 1; decade <= (int64_t)cell->pool->bins; decade *= 10)
		for (size_t i = 0; i < 3; i++) {
			int64_t us = decade * steps[i];
			if (us > (int64_t)cell->pool->bins)
				break;
			for (; bin < us; bin++)
				seen += cell->pool->threads->counts[bin];
			char *le = seconds(NULL, us);
			text = talloc_asprintf_append_buffer(text,
				"latcampaign_latency_seconds_bucket{%s,le=\"%s\"} %lu\n", of, le,
				seen);
			talloc_free(le);
		}
	return text;
}

static char *add_histogram(char *text, const struct report *report, const struct cell *cell)
{
	char *of = labels(NULL, report, cell);
	uint64_t samples = histogram_samples(cell->pool);

	text = add_buckets(text, cell, of);
	text = talloc_asprintf_append_buffer(text,
		"latcampaign_latency_seconds_bucket{%s,le=\"+Inf\"} %lu\n"
		"latcampaign_latency_seconds_count{%s} %lu\n"
		"latcampaign_latency_seconds_sum{%s} %.9g\n",
		of, samples, of, samples, of, (double)cell->pool->threads->sum_us / 1e6);
	talloc_free(of);
	return text;
}

static char *add_quantiles(char *text, const struct report *report, const struct cell *cell)
{
	char *of = labels(NULL, report, cell);

	for (unsigned i = 0; i < QUANTILE_COUNT; i++) {
		int64_t latency = quantile_of(cell->pool, quantiles[i].q);
		if (latency < 0)
			continue;
		text = talloc_asprintf_append_buffer(text,
			"latcampaign_quantile_seconds{%s,quantile=\"%.9g\"} %s\n", of,
			quantiles[i].q,
			latency >= (int64_t)cell->pool->bins ? "+Inf" : seconds(of, latency));
	}
	talloc_free(of);
	return text;
}

static char *add_largest(char *text, const struct report *report, const struct cell *cell)
{
	char *of = labels(NULL, report, cell);

	text = talloc_asprintf_append_buffer(text, "latcampaign_largest_seconds{%s} %s\n", of,
		seconds(of, cell->pool->threads->max_us));
	talloc_free(of);
	return text;
}

static char *add_missed(char *text, const struct report *report, const struct cell *cell)
{
	char *of = labels(NULL, report, cell);

	text = talloc_asprintf_append_buffer(
		text, "latcampaign_missed_wakeups{%s} %lu\n", of, cell->wakeups.missed);
	talloc_free(of);
	return text;
}

static const struct family {
	const char *name, *type, *unit, *help;
	char *(*add)(char *text, const struct report *report, const struct cell *cell);
} families[] = {
	{"latcampaign_latency_seconds", "histogram", "seconds",
		"Latencies of all wake-ups of the cell.", add_histogram},
	{"latcampaign_quantile_seconds", "gauge", "seconds",
		"Quantiles of these, +Inf beyond the tool's histogram.", add_quantiles},
	{"latcampaign_largest_seconds", "gauge", "seconds", "The largest latency seen.",
		add_largest},
	{"latcampaign_missed_wakeups", "gauge", NULL, "Wake-ups that late ones swallowed.",
		add_missed},
};

char *export_openmetrics(void *ctx, const struct report *report)
{
	char *text = add_family(talloc_strdup(ctx, ""), "latcampaign_build", "info", NULL,
		"The latcampaign that made this.");

	text = talloc_strdup_append_buffer(
		text, "latcampaign_build_info{version=\"" VERSION "\"} 1\n");
	text = add_runs(text, report);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		text = add_family(text, families[i].name, families[i].type, families[i].unit,
			families[i].help);
		for (struct cell **cell = report->cells; *cell; cell++)
			if ((*cell)->pool)
				text = families[i].add(text, report, *cell);
	}
	return talloc_strdup_append_buffer(text, "# EOF\n");
}

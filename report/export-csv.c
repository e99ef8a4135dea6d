/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "report/export.h"

/* A field in quotes where it needs them: RFC 4180. */
static char *add_words(char *csv, const char *words)
{
	if (!words[strcspn(words, ",\"\r\n")])
		return talloc_asprintf_append_buffer(csv, "%s,", words);
	csv = talloc_strdup_append_buffer(csv, "\"");
	for (; *words; words++)
		csv = *words == '"' ? talloc_strdup_append_buffer(csv, "\"\"")
				    : talloc_strndup_append_buffer(csv, words, 1);
	return talloc_strdup_append_buffer(csv, "\",");
}

static char *add_run(char *csv, const struct plan *plan, unsigned i)
{
	const struct run *run = &plan->runs[i];
	unsigned visit = plan_visit(plan, i);

	csv = add_words(csv, run->id);
	csv = add_words(csv, plan->setups[run->setup].name);
	csv = add_words(csv, plan->experiments[run->experiment].name);
	csv = add_words(csv, plan->imported ? "" : place_name(run->place));
	return talloc_asprintf_append_buffer(
		csv, "%u,%u,%u,", visit + 1, plan->visits[visit].block, run->repetition);
}

static char *add_result(char *csv, const struct result *result)
{
	const char *boot =
		result ? json_string_value(json_object_get(result->json, "boot_id")) : NULL;
	void *ctx = talloc_new(NULL);

	csv = add_words(csv, result ? outcome_name(result->outcome) : "");
	csv = add_words(csv, result ? result->reason : "not measured");
	csv = add_words(csv, boot ? boot : "");
	csv = add_words(csv, export_time(ctx, export_integer(result, "began"), "Z"));
	csv = add_words(csv, export_time(ctx, export_integer(result, "ended"), "Z"));
	talloc_free(ctx);
	return csv;
}

/* Which priority others gave the threads is not known. */
static char *add_asked(char *csv, const struct plan *plan, const struct experiment *experiment)
{
	const struct cyclictest *asked = &experiment->cyclictest;

	csv = talloc_asprintf_append_buffer(csv, "%s,%ld,%ld,", tool_name(experiment->tool),
		asked->interval_us, asked->duration_s);
	if (!plan->imported)
		csv = talloc_asprintf_append_buffer(csv, "%d", asked->priority);
	return talloc_asprintf_append_buffer(csv, ",%d,", asked->threads);
}

static char *add_quantiles(char *csv, const struct cell_run *run, unsigned bins)
{
	for (unsigned q = 0; q < QUANTILE_COUNT; q++) {
		int64_t latency = run->quantiles[q];
		if (latency < 0)
			csv = talloc_strdup_append_buffer(csv, ",");
		else if (latency >= (int64_t)bins)
			csv = talloc_strdup_append_buffer(csv, ",inf");
		else
			csv = talloc_asprintf_append_buffer(csv, ",%ld", latency);
	}
	return csv;
}

/* Of all threads of the run. */
static char *add_measured(char *csv, const struct cell_run *run, const struct histogram *histogram)
{
	struct histogram *pool = histogram_new(NULL, histogram->bins);
	const struct histogram_thread *all = pool->threads;
	struct wakeups sum = {0};

	histogram_add(pool, histogram);
	for (unsigned t = 0; t < run->thread_count; t++)
		wakeups_add(&sum, &run->threads[t]);
	csv = talloc_asprintf_append_buffer(csv, "%lu,%lu,%lu,%lu,%ld,%ld,%ld", sum.expected,
		sum.got, sum.missed, all->overflows, all->min_us, all->avg_us, all->max_us);
	csv = add_quantiles(csv, run, histogram->bins);
	talloc_free(pool);
	return csv;
}

static char *heads(void *ctx)
{
	char *csv = talloc_strdup(ctx,
		"run,setup,experiment,place,visit,block,repetition,outcome,reason,boot_id,began,"
		"ended,tool,interval_us,duration_s,priority,threads,expected,got,missed,beyond,"
		"min_us,avg_us,largest_us");

	for (unsigned q = 0; q < QUANTILE_COUNT; q++)
		csv = talloc_asprintf_append_buffer(csv, ",%s_us", quantiles[q].name);
	return talloc_strdup_append_buffer(csv, "\n");
}

char *export_csv(void *ctx, const struct report *report)
{
	const struct plan *plan = report->plan;
	char *csv = heads(ctx);

	for (unsigned i = 0; i < plan->run_count; i++) {
		const struct cell_run *run = export_run(report, i);
		csv = add_run(csv, plan, i);
		csv = add_result(csv, report->results[i]);
		csv = add_asked(csv, plan, &plan->experiments[plan->runs[i].experiment]);
		csv = run ? add_measured(csv, run, report->results[i]->histogram)
			  : talloc_strdup_append_buffer(csv, ",,,,,,,,,,,,");
		csv = talloc_strdup_append_buffer(csv, "\n");
	}
	return csv;
}

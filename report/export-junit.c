/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "report/export.h"
#include "report/markup.h"

/* What JUnit has a word for. */
enum verdict { VERDICT_GOOD, VERDICT_FAILURE, VERDICT_ERROR, VERDICT_SKIPPED, VERDICT_COUNT };
static const char *const elements[] = {NULL, "failure", "error", "skipped"};

static enum verdict verdict_of(const struct result *result)
{
	static const enum verdict verdicts[] = {
		[OUTCOME_PASS] = VERDICT_GOOD,
		[OUTCOME_FAIL] = VERDICT_FAILURE,
		[OUTCOME_ERROR] = VERDICT_ERROR,
		[OUTCOME_MISS] = VERDICT_SKIPPED,
		[OUTCOME_SKIP] = VERDICT_SKIPPED,
	};

	return result ? verdicts[result->outcome] : VERDICT_SKIPPED;
}

static int64_t seconds_of(const struct result *result)
{
	return export_integer(result, "ended") - export_integer(result, "began");
}

static void add_case(struct markup *markup, const struct report *report, unsigned i)
{
	const struct plan *plan = report->plan;
	const struct result *result = report->results[i];
	const char *element = elements[verdict_of(result)];
	char *class = talloc_asprintf(markup, "%s.%s.%s", plan->name,
		plan->setups[plan->runs[i].setup].name,
		plan->experiments[plan->runs[i].experiment].name);
	char *seconds = talloc_asprintf(class, "%ld", seconds_of(result));
	char *message = talloc_asprintf(class, "%s%s%s",
		result ? outcome_name(result->outcome) : "not measured", result ? ": " : "",
		result ? result->reason : "");

	markup_open(markup, "testcase", "classname", class, "name", plan->runs[i].id, "time",
		seconds, NULL);
	if (element) {
		markup_open(markup, element, "message", message, NULL);
		markup_close(markup);
	}
	markup_close(markup);
	markup_raw(markup, "\n");
	talloc_free(class);
}

static void add_counts(struct markup *markup, const struct report *report)
{
	unsigned counts[VERDICT_COUNT] = {0}, planned = report->plan->run_count;
	int64_t seconds = 0;
	void *ctx = talloc_new(markup);

	for (unsigned i = 0; i < planned; i++) {
		counts[verdict_of(report->results[i])]++;
		seconds += seconds_of(report->results[i]);
	}
	markup_attribute(markup, "name", report->plan->name);
	markup_attribute(markup, "tests", talloc_asprintf(ctx, "%u", planned));
	markup_attribute(markup, "failures", talloc_asprintf(ctx, "%u", counts[VERDICT_FAILURE]));
	markup_attribute(markup, "errors", talloc_asprintf(ctx, "%u", counts[VERDICT_ERROR]));
	markup_attribute(markup, "skipped", talloc_asprintf(ctx, "%u", counts[VERDICT_SKIPPED]));
	markup_attribute(markup, "time", talloc_asprintf(ctx, "%ld", seconds));
	talloc_free(ctx);
}

char *export_junit(void *ctx, const struct report *report)
{
	struct markup *markup = markup_new(ctx, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	int64_t began, ended;

	export_period(report, &began, &ended);
	markup_open(markup, "testsuites", NULL);
	add_counts(markup, report);
	markup_open(markup, "testsuite", NULL);
	add_counts(markup, report);
	if (began > 0)
		markup_attribute(markup, "timestamp", export_time(markup, began, ""));
	markup_raw(markup, "\n");
	for (unsigned i = 0; i < report->plan->run_count; i++)
		add_case(markup, report, i);
	markup_close(markup);
	markup_close(markup);
	return markup_end(ctx, markup);
}

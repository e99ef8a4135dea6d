/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "output/report-parts.h"
#include "output/result.h"

/* A member that has to be a string; "-" in a run.json that a person has changed. */
static const char *word(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));

	return text ? text : "-";
}

static bool is_not_judged(const json_t *expected)
{
	return strcmp(word(expected, "verdict"), "not judged") == 0;
}

unsigned report_count_not_judged(const struct report *report)
{
	unsigned count = 0;

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct result *result = report->results[i];
		const json_t *list = result ? json_object_get(result->json, "expect") : NULL;
		for (size_t k = 0; k < json_array_size(list); k++)
			count += is_not_judged(json_array_get(list, k));
	}
	return count;
}

/* "55us", ">=2000us", "-" */
static char *seen_word(void *ctx, const json_t *expected)
{
	const json_t *seen = json_object_get(expected, "seen_us");

	if (!json_is_integer(seen))
		return talloc_strdup(ctx, "-");
	return talloc_asprintf(ctx, "%s%lldus",
		json_is_true(json_object_get(expected, "beyond")) ? ">=" : "",
		json_integer_value(seen));
}

static void say_expected(struct report *report, const struct run *run, const json_t *expected)
{
	char *seen = seen_word(report, expected);

	report_say(report, "  %-28s %-16s %-8s at most %7lldus  %9s  %s%s%s\n", run->id,
		word(expected, "threshold"), word(expected, "of"),
		json_integer_value(json_object_get(expected, "at_most_us")), seen,
		word(expected, "verdict"), is_not_judged(expected) ? ": " : "",
		is_not_judged(expected) ? word(expected, "why") : "");
	talloc_free(seen);
}

void report_say_expectations(struct report *report)
{
	if (report->plan->threshold_count == 0)
		return;
	report_say(report,
		"\nEXPECTATIONS, by the raw histogram of each run. A run that exceeds one ends as "
		"FAIL and stays so.\n");
	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct result *result = report->results[i];
		const json_t *list = result ? json_object_get(result->json, "expect") : NULL;
		for (size_t k = 0; k < json_array_size(list); k++)
			say_expected(report, &report->plan->runs[i], json_array_get(list, k));
	}
}

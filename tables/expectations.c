/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "tables/report-parts.h"

static const struct column columns[] = {
	{"run", "  ", NULL, -28, true},
	{"threshold", " ", NULL, -16, true},
	{"of", " ", NULL, -8, true},
	{"at most", " ", NULL, 8, false},
	{"seen", " ", NULL, 8, false},
	{"verdict", "  ", NULL, 0, true},
};

const json_t *report_expected(const struct report *report, unsigned run)
{
	const struct result *result = report->results[run];

	return result ? json_object_get(result->json, "expect") : NULL;
}

/* A member that has to be a string; "-" in a run.json that a person has changed. */
static const char *word(const json_t *json, const char *member)
{
	const char *text = json_string_value(json_object_get(json, member));

	return text ? text : "-";
}

static bool verdict_is(const json_t *expected, const char *verdict)
{
	return strcmp(word(expected, "verdict"), verdict) == 0;
}

unsigned report_count_not_judged(const struct report *report)
{
	unsigned count = 0;

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const json_t *list = report_expected(report, i);
		for (size_t k = 0; k < json_array_size(list); k++)
			count += verdict_is(json_array_get(list, k), "not judged");
	}
	return count;
}

static void add_expected(struct table *table, const struct run *run, const json_t *expected)
{
	const json_t *seen = json_object_get(expected, "seen_us");
	bool beyond = json_is_true(json_object_get(expected, "beyond"));
	bool not_judged = verdict_is(expected, "not judged");

	table_row(table);
	table_cell(table, "%s", run->id);
	table_cell(table, "%s", word(expected, "threshold"));
	table_cell(table, "%s", word(expected, "of"));
	table_cell(table, "%lld", json_integer_value(json_object_get(expected, "at_most_us")));
	if (json_is_integer(seen))
		table_cell(table, "%s%lld", beyond ? ">=" : "", json_integer_value(seen));
	else
		table_cell(table, "-");
	table_cell(table, "%s%s%s", word(expected, "verdict"), not_judged ? ": " : "",
		not_judged ? word(expected, "why") : "");
	if (verdict_is(expected, "exceeded"))
		table_mark(table, "!");
}

void report_expectations(struct report *report)
{
	struct table *table = table_new(report, columns, sizeof(columns) / sizeof(*columns), true);

	if (report->plan->threshold_count == 0)
		return;
	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const json_t *list = report_expected(report, i);
		for (size_t k = 0; k < json_array_size(list); k++)
			add_expected(table, &report->plan->runs[i], json_array_get(list, k));
	}
	report_add(report,
		&(struct section){
			.id = "expectations",
			.title = "Expectations in us",
			.lead = "EXPECTATIONS in us, ",
			.explanation = "by the raw histogram of each run. ! = exceeded: such a run "
				       "ends as FAIL and stays so.",
			.in_paper = true,
			.table = table,
		});
}

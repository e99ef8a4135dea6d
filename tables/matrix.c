/* SPDX-License-Identifier: MIT */
/*
 * Every experiment in every setup, and how its runs ended there: what was not asked for stands
 * there, too, so that nobody looks for it among what is missing.
 */
#include <talloc.h>

#include "tables/report-parts.h"

#define NOT_ENDED OUTCOME_COUNT /* no result stands */

static struct column *make_columns(void *ctx, const struct plan *plan)
{
	struct column *columns = talloc_array(ctx, struct column, plan->setup_count + 1);

	columns[0] = (struct column){"experiment", "  ", NULL, -24, true};
	for (unsigned setup = 0; setup < plan->setup_count; setup++)
		columns[setup + 1] = (struct column){plan->setups[setup].name, " ", NULL,
			setup + 1 < plan->setup_count ? -22 : 0, true};
	return columns;
}

/* "3 PASS 1 ERROR"; "SKIP" where nothing was asked. */
static char *endings(void *ctx, const struct report *report, unsigned setup, unsigned experiment)
{
	unsigned counts[OUTCOME_COUNT + 1] = {0};
	char *text = talloc_strdup(ctx, "");

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct run *run = &report->plan->runs[i];
		const struct result *result = report->results[i];
		if (run->setup == setup && run->experiment == experiment)
			counts[result ? result->outcome : NOT_ENDED]++;
	}
	for (unsigned o = 0; o <= OUTCOME_COUNT; o++)
		if (counts[o] > 0)
			text = talloc_asprintf_append(text, "%s%u %s", *text ? " " : "", counts[o],
				o == NOT_ENDED ? "not measured" : outcome_name((enum outcome)o));
	return *text ? text : talloc_strdup(ctx, outcome_name(OUTCOME_SKIP));
}

void report_matrix(struct report *report)
{
	const struct plan *plan = report->plan;
	struct table *table =
		table_new(report, make_columns(report, plan), plan->setup_count + 1, true);

	for (unsigned experiment = 0; experiment < plan->experiment_count; experiment++) {
		table_row(table);
		table_cell(table, "%s", plan->experiments[experiment].name);
		for (unsigned setup = 0; setup < plan->setup_count; setup++)
			table_cell(table, "%s", endings(table, report, setup, experiment));
	}
	report_add(report,
		&(struct section){
			.id = "runs",
			.title = "Runs by setup",
			.lead = "RUNS BY SETUP, ",
			.explanation =
				"and how they ended. SKIP = the campaign does not ask for it.",
			.table = table,
		});
}

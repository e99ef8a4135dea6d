/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "tables/report-parts.h"

void report_add(struct report *report, const struct section *section)
{
	report->sections[report->section_count++] = *section;
}

char *report_section(void *ctx, const struct section *section)
{
	char *table = table_text(ctx, section->table);
	char *text = talloc_asprintf(ctx, "\n%s%s\n%s", section->lead, section->explanation, table);

	talloc_free(table);
	return text;
}

static void load_results(struct report *report)
{
	const struct plan *plan = report->plan;

	report->results = talloc_zero_array(report, struct result *, plan->run_count);
	for (unsigned i = 0; i < plan->run_count; i++)
		result_load(report, report->campaign, plan->runs[i].id, &report->results[i], NULL);
}

struct report *report_read(void *ctx, const struct plan *plan, int campaign)
{
	struct report *report = talloc_zero(ctx, struct report);

	report->plan = plan;
	report->campaign = campaign;
	report->cells = cells_load(report, plan, campaign);
	load_results(report);
	report_outcome(report);
	return report;
}

struct report *report_load(
	void *ctx, const struct plan *plan, int campaign, const char *const *notes)
{
	struct report *report = report_read(ctx, plan, campaign);

	report_deviations(report, notes);
	report_matrix(report);
	report_expectations(report);
	report_latencies(report);
	report_quantiles(report);
	report_boots(report);
	report_comparisons(report);
	report_wakeups(report);
	report_proofs(report);
	report_kernels(report);
	return report;
}

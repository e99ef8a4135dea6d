/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <talloc.h>

#include "figures/figure-kind.h"
#include "figures/script-file.h"
#include "tables/report-parts.h"

void report_outcome(struct report *report)
{
	for (unsigned i = 0; i < report->plan->run_count; i++)
		if (report->results[i])
			report->counts[report->results[i]->outcome]++;
		else
			report->missing++;
	char *text = talloc_asprintf(report, "%u runs:", report->plan->run_count);
	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		if (report->counts[o] > 0)
			text = talloc_asprintf_append(
				text, " %u %s", report->counts[o], outcome_name((enum outcome)o));
	if (report->missing > 0)
		text = talloc_asprintf_append(text, " %u not measured", report->missing);
	report->outcome = text;
	report->origin = report->plan->imported
				 ? "IMPORTED: others measured this. Setups and experiments are "
				   "names; which kernels, hypervisors and\n"
				   "  settings they had is not known, but for what a result itself "
				   "tells."
				 : "";
}

/* --- deviations -------------------------------------------------------------------------- */

void report_deviation(struct report *report, const char *format, ...)
{
	unsigned count = (unsigned)talloc_array_length(report->deviations);
	va_list args;

	report->deviations = talloc_realloc(report, report->deviations, char *, count + 1);
	va_start(args, format);
	report->deviations[count - 1] = talloc_vasprintf(report, format, args);
	va_end(args);
	report->deviations[count] = NULL;
}

static void add_bad_runs(struct report *report)
{
	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct result *result = report->results[i];
		const char *id = report->plan->runs[i].id;
		if (!result)
			report_deviation(report, "run %s: not measured", id);
		else if (result->outcome != OUTCOME_PASS)
			report_deviation(report, "run %s: %s, %s", id,
				outcome_name(result->outcome), result->reason);
	}
}

static void add_not_judged(struct report *report)
{
	unsigned count = report_count_not_judged(report);

	if (count > 0)
		report_deviation(report, "%u thresholds were not judged, see EXPECTATIONS", count);
}

static void add_missed(struct report *report)
{
	for (struct cell **cell = report->cells; *cell; cell++) {
		const struct wakeups *wakeups = &(*cell)->wakeups;
		if (!cell_misses(*cell))
			continue;
		report_deviation(report,
			"cell %s: %lu of %lu wake-ups are missing (%.2f %%): they were "
			"swallowed by late ones; do not rank by this cell",
			(*cell)->name, wakeups->missed, wakeups->expected,
			100 * (double)wakeups->missed / (double)wakeups->expected);
	}
}

static void add_disturbed(struct report *report)
{
	for (struct cell **cell = report->cells; *cell; cell++) {
		const struct disturbance *disturbance = &(*cell)->disturbance;
		const char *name = (*cell)->name;
		unsigned runs = (*cell)->run_count;
		if (disturbance->throttled_runs > 0)
			report_deviation(report,
				"cell %s: the processor throttled in %u of %u runs (its throttle "
				"counts rose by %ld); do not rank by this cell",
				name, disturbance->throttled_runs, runs, disturbance->throttles);
		if (disturbance->stolen_runs > 0)
			report_deviation(report,
				"cell %s: a hypervisor below the host took %.2f s in %u of %u runs "
				"(steal); do not rank by this cell",
				name, disturbance->steal_seconds, disturbance->stolen_runs, runs);
		if (disturbance->clock_runs > 0)
			report_deviation(report,
				"cell %s: Linux exchanged its clocksource in %u of %u runs; do not "
				"rank by this cell",
				name, disturbance->clock_runs, runs);
	}
}

/* Figures that are no longer drawn as the report says. */
static void add_edited(struct report *report)
{
	const struct plan *plan = report->plan;

	for (unsigned i = 0; i < plan->figure_count; i++)
		for (const struct figure_kind *const *kind = figure_kinds; *kind; kind++) {
			char *name = figure_kind_name(report, *kind, &plan->figures[i]);
			if (script_is_edited(report->campaign, name, NULL))
				report_deviation(report,
					"figures/%s.gp was edited and is drawn as it is; remove it "
					"to have it made anew",
					name);
		}
}

void report_deviations(struct report *report, const char *const *notes)
{
	report->deviations = talloc_zero_array(report, char *, 1);
	add_bad_runs(report);
	add_not_judged(report);
	add_missed(report);
	add_disturbed(report);
	add_edited(report);
	for (; notes && *notes; notes++)
		report_deviation(report, "%s", *notes);
	for (char **override = report->plan->overrides; *override; override++)
		report_deviation(report, "overridden: %s", *override);
}

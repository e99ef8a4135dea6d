/* SPDX-License-Identifier: MIT */
#include "output/report.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "output/figure.h"
#include "output/report-parts.h"
#include "output/result.h"
#include "output/script-file.h"

void report_say(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report->text = talloc_vasprintf_append_buffer(report->text, format, args);
	va_end(args);
}

struct report *report_load(void *ctx, const struct plan *plan, int campaign)
{
	struct report *report = talloc_zero(ctx, struct report);

	report->plan = plan;
	report->campaign = campaign;
	report->cells = cells_load(report, plan, campaign);
	report->results = talloc_zero_array(report, struct result *, plan->run_count);
	for (unsigned i = 0; i < plan->run_count; i++)
		result_load(report, campaign, plan->runs[i].id, &report->results[i], NULL);
	return report;
}

/* --- outcome and deviations -------------------------------------------------------------- */

void report_say_counts(struct report *report, const struct report *of)
{
	unsigned counts[OUTCOME_SKIP + 1] = {0}, missing = 0;

	for (unsigned i = 0; i < of->plan->run_count; i++)
		if (of->results[i])
			counts[of->results[i]->outcome]++;
		else
			missing++;
	report_say(report, " %u runs:", of->plan->run_count);
	for (unsigned o = 0; o <= OUTCOME_SKIP; o++)
		if (counts[o] > 0)
			report_say(report, " %u %s", counts[o], outcome_name((enum outcome)o));
	if (missing > 0)
		report_say(report, " %u not measured", missing);
	report_say(report, "\n");
}

static void say_outcome(struct report *report)
{
	report_say(report, "Campaign %s", report->plan->name);
	if (*report->plan->description)
		report_say(report, ": %s", report->plan->description);
	report_say(report, "\n\nOUTCOME\n ");
	report_say_counts(report, report);
	if (report->plan->imported)
		report_say(report,
			"  IMPORTED: others measured this. Setups and experiments are names; which "
			"kernels, hypervisors and\n"
			"  settings they had is not known, but for what a result itself tells.\n");
}

static unsigned say_bad_runs(struct report *report)
{
	unsigned said = 0;

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct result *result = report->results[i];
		if (result && result->outcome == OUTCOME_PASS)
			continue;
		report_say(report, "  run %s: %s\n", report->plan->runs[i].id,
			result ? talloc_asprintf(report, "%s, %s", outcome_name(result->outcome),
					 result->reason)
			       : "not measured");
		said++;
	}
	return said;
}

static unsigned say_missed(struct report *report)
{
	unsigned said = 0;

	for (struct cell **cell = report->cells; *cell; cell++) {
		const struct wakeups *wakeups = &(*cell)->wakeups;
		if (!cell_misses(*cell))
			continue;
		report_say(report,
			"  cell %s: %lu of %lu wake-ups are missing (%.2f %%): they were "
			"swallowed by late ones; do not rank by this cell\n",
			(*cell)->name, wakeups->missed, wakeups->expected,
			100 * (double)wakeups->missed / (double)wakeups->expected);
		said++;
	}
	return said;
}

/* Figures that are no longer drawn as the report says. */
static unsigned say_edited(struct report *report)
{
	static const char *const kinds[] = {"", FIGURE_CCDF};
	unsigned said = 0;

	for (unsigned i = 0; i < 2 * report->plan->figure_count; i++) {
		char *name = talloc_asprintf(
			report, "%s%s", report->plan->figures[i / 2].name, kinds[i % 2]);
		if (!script_is_edited(report->campaign, name, NULL))
			continue;
		report_say(report,
			"  figures/%s.gp was edited and is drawn as it is; remove it to have "
			"it made anew\n",
			name);
		said++;
	}
	return said;
}

static unsigned say_not_judged(struct report *report)
{
	unsigned count = report_count_not_judged(report);

	if (count > 0)
		report_say(report, "  %u thresholds were not judged, see EXPECTATIONS\n", count);
	return count;
}

static void say_deviations(struct report *report, const char *const *notes)
{
	unsigned said = 0;

	report_say(report, "\nDEVIATIONS\n");
	said += say_bad_runs(report);
	said += say_not_judged(report);
	said += say_missed(report);
	said += say_edited(report);
	for (; notes && *notes; notes++, said++)
		report_say(report, "  %s\n", *notes);
	for (char **override = report->plan->overrides; *override; override++, said++)
		report_say(report, "  overridden: %s\n", *override);
	if (said == 0)
		report_say(report, "  none\n");
}

/* --- the proofs -------------------------------------------------------------------------- */

static char *json_word(void *ctx, const json_t *json)
{
	if (json_is_string(json))
		return talloc_strdup(ctx, json_string_value(json));
	return talloc_strdup(ctx, json_is_true(json) ? "yes" : json_is_false(json) ? "no" : "-");
}

static void say_identity(struct report *report, const json_t *asked, const json_t *found)
{
	static const char *const members[] = {"release", "preempt_rt", "hypervisor",
		"hypervisor_version", "token", "cmdline", "hypervisor_cmdline"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		char *a = json_word(report, json_object_get(asked, members[i]));
		char *f = json_word(report, json_object_get(found, members[i]));
		if (*a || *f)
			report_say(report, "    %-19s asked %s\n    %-19s found %s%s\n", members[i],
				a, "", f, strcmp(a, f) == 0 ? "" : "   DIFFERENT");
	}
}

/* The proof of the first run that was measured in the visit stands for the visit: one boot. */
static void say_proof(struct report *report, const struct visit *visit)
{
	const struct plan *plan = report->plan;

	report_say(report, "  %s\n", plan->setups[visit->setup].name);
	for (unsigned i = 0; i < visit->run_count; i++) {
		const struct result *result = report->results[visit->first_run + i];
		if (!result || !result->histogram)
			continue;
		report_say(report, "    %-19s %s\n", "boot",
			json_word(report, json_object_get(result->json, "boot_id")));
		say_identity(report, json_object_get(result->json, "asked"),
			json_object_get(result->json, "found"));
		return;
	}
	report_say(report, "    nothing was measured here\n");
}

static void say_guest(struct report *report, unsigned run)
{
	const json_t *guest = json_object_get(report->results[run]->json, "guest");
	const json_t *asked = json_object_get(guest, "asked"),
		     *found = json_object_get(guest, "found");

	report_say(report, "  %-28s asked %s, PREEMPT_RT %s; found %s, PREEMPT_RT %s, clock %s\n",
		report->plan->runs[run].id, json_word(report, json_object_get(asked, "release")),
		json_word(report, json_object_get(asked, "preempt_rt")),
		json_word(report, json_object_get(found, "release")),
		json_word(report, json_object_get(found, "preempt_rt")),
		json_word(report, json_object_get(found, "clocksource")));
}

static void say_proofs(struct report *report)
{
	const struct plan *plan = report->plan;

	report_say(report, "\nPROOF OF EACH SETUP, asked and found\n");
	if (plan->imported)
		report_say(report, "  none: imported\n");
	for (unsigned v = 0; !plan->imported && v < plan->visit_count; v++)
		say_proof(report, &plan->visits[v]);
	report_say(report, "\nKERNEL OF EACH RUN\n");
	for (unsigned i = 0; i < plan->run_count; i++)
		if (report->results[i] && report->results[i]->histogram)
			say_guest(report, i);
}

static void compose(struct report *report, const char *const *notes)
{
	report->text = talloc_strdup(report, "");
	say_outcome(report);
	say_deviations(report, notes);
	report_say_expectations(report);
	report_say_latencies(report);
	report_say_boots(report);
	report_say_comparisons(report);
	report_say_wakeups(report);
	say_proofs(report);
	report_say(report,
		"\n%s WITH latcampaign " VERSION "; runs/ holds every run, figures/ the figures.\n",
		report->plan->imported ? "IMPORTED" : "MEASURED");
}

static int write_cells(const struct report *report, struct err *err)
{
	int r = 0;

	for (struct cell **cell = report->cells; r == 0 && *cell; cell++)
		if ((*cell)->pool)
			r = cell_write_cdf(*cell, report->campaign, err);
	return r;
}

static int draw(const struct report *report, struct err *err)
{
	const struct plan *plan = report->plan;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < plan->figure_count; i++)
		r = figure_draw(plan, report->cells, &plan->figures[i], report->campaign, err);
	return r;
}

int report_write(const struct plan *plan, int campaign, const char *const *notes, struct err *err)
{
	struct report *report = report_load(NULL, plan, campaign);

	compose(report, notes);
	int r = write_cells(report, err);
	if (r == 0)
		r = draw(report, err);
	/* The text comes last: it stands only when figures do, and tells that all is done. */
	if (r == 0)
		r = file_replace(
			campaign, "report.txt", report->text, strlen(report->text), 0644, err);
	talloc_free(report);
	return r;
}

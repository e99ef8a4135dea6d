/* SPDX-License-Identifier: MIT */
#include "output/report.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "output/cell.h"
#include "output/figure.h"
#include "output/result.h"

/* Above this share of missing wake-ups setups must not be ranked by what is left. */
#define MISSED_LIMIT 0.001

/* A report as it grows, and what it is made of. */
struct report {
	const struct plan *plan;
	int campaign;
	struct cell **cells;
	struct result **results; /* [run_count]; NULL where none stands */
	char *text;
};

static void say(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct report *report, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report->text = talloc_vasprintf_append_buffer(report->text, format, args);
	va_end(args);
}

static void load_results(struct report *report)
{
	const struct plan *plan = report->plan;

	report->results = talloc_zero_array(report, struct result *, plan->run_count);
	for (unsigned i = 0; i < plan->run_count; i++)
		result_load(report, report->campaign, plan->runs[i].id, &report->results[i], NULL);
}

/* --- outcome and deviations -------------------------------------------------------------- */

static void say_outcome(struct report *report)
{
	unsigned counts[OUTCOME_SKIP + 1] = {0}, missing = 0;

	for (unsigned i = 0; i < report->plan->run_count; i++)
		if (report->results[i])
			counts[report->results[i]->outcome]++;
		else
			missing++;
	say(report, "Campaign %s", report->plan->name);
	if (*report->plan->description)
		say(report, ": %s", report->plan->description);
	say(report, "\n\nOUTCOME\n  %u runs:", report->plan->run_count);
	for (unsigned o = 0; o <= OUTCOME_SKIP; o++)
		if (counts[o] > 0)
			say(report, " %u %s", counts[o], outcome_name((enum outcome)o));
	if (missing > 0)
		say(report, " %u not measured", missing);
	say(report, "\n");
}

static unsigned say_bad_runs(struct report *report)
{
	unsigned said = 0;

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const struct result *result = report->results[i];
		if (result && result->outcome == OUTCOME_PASS)
			continue;
		say(report, "  run %s: %s\n", report->plan->runs[i].id,
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
		uint64_t missed = cell_missed(*cell);
		if (!(*cell)->pool || (double)missed <= MISSED_LIMIT * (double)(*cell)->expected)
			continue;
		say(report,
			"  cell %s: %lu of %lu wake-ups are missing (%.2f %%): they were swallowed "
			"by "
			"late ones; do not rank by this cell\n",
			(*cell)->name, missed, (*cell)->expected,
			100 * (double)missed / (double)(*cell)->expected);
		said++;
	}
	return said;
}

static void say_deviations(struct report *report, const char *const *notes)
{
	unsigned said = 0;

	say(report, "\nDEVIATIONS\n");
	said += say_bad_runs(report);
	said += say_missed(report);
	for (; notes && *notes; notes++, said++)
		say(report, "  %s\n", *notes);
	for (char **override = report->plan->overrides; *override; override++, said++)
		say(report, "  overridden: %s\n", *override);
	if (said == 0)
		say(report, "  none\n");
}

/* --- the table --------------------------------------------------------------------------- */

static char *quantile_word(void *ctx, const struct histogram *pool, double q)
{
	int64_t value = histogram_quantile(pool, q);

	return value < 0 ? talloc_strdup(ctx, "-") : talloc_asprintf(ctx, "%ld", value);
}

static void say_cell(struct report *report, const struct cell *cell)
{
	if (!cell->pool) {
		say(report, "  %-24s not measured\n", cell->name);
		return;
	}
	const struct histogram_thread *thread = cell->pool->threads;
	say(report, "  %-24s %10lu %6ld %6ld %6s %6s %6s %8ld %9lu %9lu\n", cell->name,
		histogram_samples(cell->pool), thread->min_us, thread->avg_us,
		quantile_word(report, cell->pool, 0.5), quantile_word(report, cell->pool, 0.99),
		quantile_word(report, cell->pool, 0.999), thread->max_us, thread->overflows,
		cell_missed(cell));
}

static void say_cells(struct report *report)
{
	say(report,
		"\nLATENCIES in us; \"largest\" is the largest seen in N wake-ups, not a bound; "
		"- = too few wake-ups to tell\n"
		"  %-24s %10s %6s %6s %6s %6s %6s %8s %9s %9s\n",
		"cell", "N", "min", "avg", "p50", "p99", "p99.9", "largest", "overflows", "missed");
	for (struct cell **cell = report->cells; *cell; cell++)
		say_cell(report, *cell);
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
			say(report, "    %-19s asked %s\n    %-19s found %s%s\n", members[i], a, "",
				f, strcmp(a, f) == 0 ? "" : "   DIFFERENT");
	}
}

/* The proof of the first run that was measured in the visit stands for the visit: one boot. */
static void say_proof(struct report *report, const struct visit *visit)
{
	const struct plan *plan = report->plan;

	say(report, "  %s\n", plan->setups[visit->setup].name);
	for (unsigned i = 0; i < visit->run_count; i++) {
		const struct result *result = report->results[visit->first_run + i];
		if (!result || !result->histogram)
			continue;
		say(report, "    %-19s %s\n", "boot",
			json_word(report, json_object_get(result->json, "boot_id")));
		say_identity(report, json_object_get(result->json, "asked"),
			json_object_get(result->json, "found"));
		return;
	}
	say(report, "    nothing was measured here\n");
}

static void say_guest(struct report *report, unsigned run)
{
	const json_t *guest = json_object_get(report->results[run]->json, "guest");
	const json_t *asked = json_object_get(guest, "asked"),
		     *found = json_object_get(guest, "found");

	say(report, "  %-28s asked %s, PREEMPT_RT %s; found %s, PREEMPT_RT %s, clock %s\n",
		report->plan->runs[run].id, json_word(report, json_object_get(asked, "release")),
		json_word(report, json_object_get(asked, "preempt_rt")),
		json_word(report, json_object_get(found, "release")),
		json_word(report, json_object_get(found, "preempt_rt")),
		json_word(report, json_object_get(found, "clocksource")));
}

static void say_proofs(struct report *report)
{
	const struct plan *plan = report->plan;

	say(report, "\nPROOF OF EACH SETUP, asked and found\n");
	for (unsigned v = 0; v < plan->visit_count; v++)
		say_proof(report, &plan->visits[v]);
	say(report, "\nKERNEL OF EACH RUN\n");
	for (unsigned i = 0; i < plan->run_count; i++)
		if (report->results[i] && report->results[i]->histogram)
			say_guest(report, i);
}

static void compose(struct report *report, const char *const *notes)
{
	report->text = talloc_strdup(report, "");
	say_outcome(report);
	say_deviations(report, notes);
	say_cells(report);
	say_proofs(report);
	say(report, "\nMEASURED WITH latcampaign " VERSION
		    "; runs/ holds every run, figures/ the figures.\n");
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
	int kvm = figure_draw(report->plan, report->cells, HYPERVISOR_NONE, report->campaign, err);
	int xen = figure_draw(report->plan, report->cells, HYPERVISOR_XEN, report->campaign, err);

	return kvm < 0 ? kvm : xen;
}

int report_write(const struct plan *plan, int campaign, const char *const *notes, struct err *err)
{
	struct report *report = talloc_zero(NULL, struct report);

	report->plan = plan;
	report->campaign = campaign;
	report->cells = cells_load(report, plan, campaign);
	load_results(report);
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

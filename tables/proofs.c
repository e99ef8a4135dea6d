/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "tables/report-parts.h"

static char *json_word(void *ctx, const json_t *json)
{
	if (json_is_string(json))
		return talloc_strdup(ctx, json_string_value(json));
	return talloc_strdup(ctx, json_is_true(json) ? "yes" : json_is_false(json) ? "no" : "-");
}

/* --- of setups --------------------------------------------------------------------------- */

static const struct column proof_columns[] = {
	{"what", "    ", NULL, -19, true},
	{"asked", " asked ", NULL, 0, true},
	{"found", "\n                        found ", NULL, 0, true},
};

/* So many, the first ones, are compared in any case, the others only where they were asked. */
#define ALWAYS_COMPARED 7

static void add_identity(struct table *table, const json_t *asked, const json_t *found)
{
	static const char *const members[] = {"release", "preempt_rt", "hypervisor",
		"hypervisor_version", "token", "cmdline", "hypervisor_cmdline", "scheduler",
		"ratelimit_us", "dom0_vcpus", "dom0_pin"};

	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		char *a = json_word(table, json_object_get(asked, members[i]));
		char *f = json_word(table, json_object_get(found, members[i]));
		bool asked_for = json_string_length(json_object_get(asked, members[i])) > 0;
		if (i < ALWAYS_COMPARED ? !*a && !*f : !asked_for)
			continue;
		table_row(table);
		table_cell(table, "%s", members[i]);
		table_cell(table, "%s", a);
		table_cell(table, "%s", f);
		if (strcmp(a, f) != 0)
			table_mark(table, " DIFFERENT");
	}
}

static const char *boot_of(const struct result *result)
{
	const char *id = json_string_value(json_object_get(result->json, "boot_id"));

	return id ? id : "-";
}

/* The proof of the first run that was measured in a boot stands for the boot. A visit has more than
 * one when the machine rebooted in it. */
static void add_proofs(struct report *report, struct table *table, const struct visit *visit)
{
	const char *said = NULL;

	table_group(table, "%s", report->plan->setups[visit->setup].name);
	for (unsigned i = 0; i < visit->run_count; i++) {
		const struct result *result = report->results[visit->first_run + i];
		if (!result || !result->histogram || (said && strcmp(said, boot_of(result)) == 0))
			continue;
		said = boot_of(result);
		table_row(table);
		table_cell(table, "boot");
		table_cell(table, "%s", said);
		add_identity(table, json_object_get(result->json, "asked"),
			json_object_get(result->json, "found"));
	}
	if (!said)
		table_note(table, "nothing was measured here");
}

void report_proofs(struct report *report)
{
	struct table *table = table_new(
		report, proof_columns, sizeof(proof_columns) / sizeof(*proof_columns), false);

	if (report->plan->imported) {
		table_row(table);
		table_cell(table, "identity");
		table_cell(table, "not known: imported");
	}
	for (unsigned v = 0; !report->plan->imported && v < report->plan->visit_count; v++)
		add_proofs(report, table, &report->plan->visits[v]);
	report_add(report, &(struct section){
				   .id = "proofs",
				   .title = "Proof of each setup, asked and found",
				   .lead = "PROOF OF EACH SETUP, asked and found",
				   .explanation = "",
				   .table = table,
			   });
}

/* --- of kernels -------------------------------------------------------------------------- */

static const struct column kernel_columns[] = {
	{"run", "  ", NULL, -28, true},
	{"asked", " asked ", NULL, 0, true},
	{"PREEMPT_RT asked", ", PREEMPT_RT ", NULL, 0, true},
	{"found", "; found ", NULL, 0, true},
	{"PREEMPT_RT found", ", PREEMPT_RT ", NULL, 0, true},
	{"clock", ", clock ", NULL, 0, true},
};

static void add_kernel(struct table *table, const char *id, const json_t *guest)
{
	const json_t *asked = json_object_get(guest, "asked"),
		     *found = json_object_get(guest, "found");

	table_row(table);
	table_cell(table, "%s", id);
	table_cell(table, "%s", json_word(table, json_object_get(asked, "release")));
	table_cell(table, "%s", json_word(table, json_object_get(asked, "preempt_rt")));
	table_cell(table, "%s", json_word(table, json_object_get(found, "release")));
	table_cell(table, "%s", json_word(table, json_object_get(found, "preempt_rt")));
	table_cell(table, "%s", json_word(table, json_object_get(found, "clocksource")));
}

void report_kernels(struct report *report)
{
	struct table *table = table_new(
		report, kernel_columns, sizeof(kernel_columns) / sizeof(*kernel_columns), false);

	for (unsigned i = 0; i < report->plan->run_count; i++)
		if (report->results[i] && report->results[i]->histogram)
			add_kernel(table, report->plan->runs[i].id,
				json_object_get(report->results[i]->json, "guest"));
	report_add(report, &(struct section){
				   .id = "kernels",
				   .title = "Kernel of each run",
				   .lead = "KERNEL OF EACH RUN",
				   .explanation = "",
				   .table = table,
			   });
}

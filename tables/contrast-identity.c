/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "tables/contrast-parts.h"

static const struct column columns[] = {
	{"what", "  ", NULL, 0, true},
	{"A", "\n    A  ", NULL, 0, true},
	{"B", "\n    B  ", NULL, 0, true},
};
#define COLUMN_COUNT (sizeof(columns) / sizeof(*columns))

/* --- one difference ---------------------------------------------------------------------- */

/* A boot's token differs in any two boots. */
static char *without_token(void *ctx, const char *text)
{
	char *words = talloc_strdup(ctx, text), *clean = talloc_strdup(ctx, ""), *rest;

	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (strncmp(word, "latcampaign.token=", 18) != 0)
			clean = talloc_asprintf_append(clean, "%s%s", *clean ? " " : "", word);
	return clean;
}

/* A value of run.json or plan.json in words; "unknown" where it was never found. */
static char *value_word(void *ctx, const json_t *value)
{
	if (json_is_string(value))
		return without_token(ctx, json_string_value(value));
	if (!value || json_is_null(value))
		return talloc_strdup(ctx, "unknown");
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_SORT_KEYS);
	char *word = talloc_strdup(ctx, text);
	free(text);
	return word;
}

/* What differs is called by its kind ("setup") and name. */
static void add_difference(struct table *table, const char *kind, const char *name,
	const char *member, const json_t *a, const json_t *b)
{
	void *ctx = talloc_new(NULL);
	const char *a_word = value_word(ctx, a), *b_word = value_word(ctx, b);

	if (strcmp(a_word, b_word) != 0) {
		table_row(table);
		table_cell(table, "%s %s, %s", kind, name, member);
		table_cell(table, "%s", a_word);
		table_cell(table, "%s", b_word);
	}
	talloc_free(ctx);
}

static void add_in_one(struct table *table, const char *kind, const char *name, const char *letter)
{
	table_row(table);
	table_cell(table, "%s %s is in %s alone", kind, name, letter);
}

static void add_if_none(struct table *table, const char *nothing)
{
	if (table->row_count > 0)
		return;
	table_row(table);
	table_cell(table, "%s", nothing);
}

/* --- asked ------------------------------------------------------------------------------- */

static json_t *find_named(const json_t *array, const char *name)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *element = json_array_get(array, i);
		if (strcmp(json_string_value(json_object_get(element, "name")), name) == 0)
			return element;
	}
	return NULL;
}

/* Of imported results only this was said. */
static bool is_known(const struct two *two, const char *member)
{
	static const char *const known[] = {"interval_us", "duration_s", "threads", "histogram_us"};

	if (!two->a->plan->imported && !two->b->plan->imported)
		return true;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(member, known[i]) == 0)
			return true;
	return false;
}

static void add_asked_of(
	struct table *table, const struct two *two, const char *kind, const json_t *a, json_t *b)
{
	const char *name = json_string_value(json_object_get(a, "name")), *member;
	json_t *value;

	if (!b) {
		add_in_one(table, kind, name, "A");
		return;
	}
	json_object_foreach(b, member, value)
	{
		if (is_known(two, member))
			add_difference(
				table, kind, name, member, json_object_get(a, member), value);
	}
}

/* Setups or experiments, those of B that A does not have last. */
static void add_array(struct table *table, const struct two *two, const char *kind, const json_t *a,
	const json_t *b)
{
	for (size_t i = 0; i < json_array_size(a); i++) {
		const json_t *element = json_array_get(a, i);
		const char *name = json_string_value(json_object_get(element, "name"));
		add_asked_of(table, two, kind, element, find_named(b, name));
	}
	for (size_t i = 0; i < json_array_size(b); i++) {
		const char *name = json_string_value(json_object_get(json_array_get(b, i), "name"));
		if (!find_named(a, name))
			add_in_one(table, kind, name, "B");
	}
}

struct table *contrast_asked(void *ctx, const struct two *two)
{
	struct table *table = table_new(ctx, columns, COLUMN_COUNT, false);
	json_t *a = plan_to_json(two->a->plan), *b = plan_to_json(two->b->plan);

	add_array(table, two, "setup", json_object_get(a, "setups"), json_object_get(b, "setups"));
	add_array(table, two, "experiment", json_object_get(a, "experiments"),
		json_object_get(b, "experiments"));
	add_if_none(table, "nothing");
	json_decref(a);
	json_decref(b);
	return table;
}

/* --- found ------------------------------------------------------------------------------- */

/* run.json of the setup's first run that was measured (`experiment` NULL: whichever). */
static const json_t *first_run(
	const struct report *report, const char *setup, const char *experiment)
{
	const struct plan *plan = report->plan;

	for (unsigned i = 0; i < plan->run_count; i++) {
		const struct run *run = &plan->runs[i];
		if (report->results[i] && report->results[i]->histogram &&
			strcmp(plan->setups[run->setup].name, setup) == 0 &&
			(!experiment ||
				strcmp(plan->experiments[run->experiment].name, experiment) == 0))
			return report->results[i]->json;
	}
	return NULL;
}

static void add_members(struct table *table, const char *kind, const char *name,
	const char *const *members, const json_t *a, const json_t *b)
{
	for (; *members; members++)
		add_difference(table, kind, name, *members, json_object_get(a, *members),
			json_object_get(b, *members));
}

static void add_host(struct table *table, const struct two *two, const char *setup)
{
	static const char *const of_host[] = {"release", "preempt_rt", "hypervisor",
		"hypervisor_version", "cmdline", "hypervisor_cmdline", "scheduler", "ratelimit_us",
		"dom0_vcpus", "dom0_pin", NULL};
	static const char *const of_run[] = {"latcampaign", "tuning", NULL};
	const json_t *a = first_run(two->a, setup, NULL), *b = first_run(two->b, setup, NULL);

	if (!a || !b)
		return; /* not measured: the cells say so */
	add_members(table, "setup", setup, of_run, a, b);
	add_members(table, "setup", setup, of_host, json_object_get(a, "found"),
		json_object_get(b, "found"));
}

static void add_guest(struct table *table, const struct two *two, const struct cell *cell)
{
	static const char *const of_guest[] = {
		"release", "preempt_rt", "clocksource", "tool", NULL};
	const char *setup = cell->setup->name, *experiment = cell->experiment->name;
	const json_t *a = first_run(two->a, setup, experiment),
		     *b = first_run(two->b, setup, experiment);

	if (!a || !b)
		return;
	add_members(table, "where measured, cell", cell->name, of_guest,
		json_object_get(json_object_get(a, "guest"), "found"),
		json_object_get(json_object_get(b, "guest"), "found"));
}

struct table *contrast_found(void *ctx, const struct two *two)
{
	struct table *table = table_new(ctx, columns, COLUMN_COUNT, false);

	for (unsigned s = 0; s < two->a->plan->setup_count; s++)
		add_host(table, two, two->a->plan->setups[s].name);
	for (struct cell **cell = two->a->cells; *cell; cell++)
		add_guest(table, two, *cell);
	add_if_none(table, two->a->plan->imported && two->b->plan->imported
				   ? "nothing that is known"
				   : "nothing");
	return table;
}

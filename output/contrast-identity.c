/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <talloc.h>

#include "output/contrast-parts.h"
#include "output/result.h"

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

/* Tells whether there was a difference to say. */
static bool say_difference(const struct two *two, const char *kind, const char *name,
	const char *member, const json_t *a, const json_t *b)
{
	void *ctx = talloc_new(two->text);
	const char *a_word = value_word(ctx, a), *b_word = value_word(ctx, b);
	bool differ = strcmp(a_word, b_word) != 0;

	if (differ)
		report_say(two->text, "  %s %s, %s\n    A  %s\n    B  %s\n", kind, name, member,
			a_word, b_word);
	talloc_free(ctx);
	return differ;
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

static unsigned say_asked_of(const struct two *two, const char *kind, const json_t *a, json_t *b)
{
	const char *name = json_string_value(json_object_get(a, "name")), *member;
	unsigned said = 0;
	json_t *value;

	if (!b) {
		report_say(two->text, "  %s %s is in A alone\n", kind, name);
		return 1;
	}
	json_object_foreach(b, member, value)
	{
		if (is_known(two, member))
			said += say_difference(
				two, kind, name, member, json_object_get(a, member), value);
	}
	return said;
}

/* Setups or experiments, those of B that A does not have last. */
static unsigned say_array(const struct two *two, const char *kind, const json_t *a, const json_t *b)
{
	unsigned said = 0;

	for (size_t i = 0; i < json_array_size(a); i++) {
		const json_t *element = json_array_get(a, i);
		const char *name = json_string_value(json_object_get(element, "name"));
		said += say_asked_of(two, kind, element, find_named(b, name));
	}
	for (size_t i = 0; i < json_array_size(b); i++) {
		const char *name = json_string_value(json_object_get(json_array_get(b, i), "name"));
		if (find_named(a, name))
			continue;
		report_say(two->text, "  %s %s is in B alone\n", kind, name);
		said++;
	}
	return said;
}

void contrast_say_asked(const struct two *two)
{
	json_t *a = plan_to_json(two->a->plan), *b = plan_to_json(two->b->plan);
	unsigned said;

	report_say(two->text, "\nDIFFERENT IN WHAT WAS ASKED\n");
	if (two->a->plan->imported || two->b->plan->imported)
		report_say(two->text,
			"  %s imported: nothing is known but names and cyclictest's parameters\n",
			!two->b->plan->imported   ? "A is"
			: !two->a->plan->imported ? "B is"
						  : "A and B are");
	said = say_array(two, "setup", json_object_get(a, "setups"), json_object_get(b, "setups"));
	said += say_array(two, "experiment", json_object_get(a, "experiments"),
		json_object_get(b, "experiments"));
	if (said == 0)
		report_say(two->text, "  nothing\n");
	json_decref(a);
	json_decref(b);
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

static unsigned say_members(const struct two *two, const char *kind, const char *name,
	const char *const *members, const json_t *a, const json_t *b)
{
	unsigned said = 0;

	for (; *members; members++)
		said += say_difference(two, kind, name, *members, json_object_get(a, *members),
			json_object_get(b, *members));
	return said;
}

static unsigned say_host(const struct two *two, const char *setup)
{
	static const char *const of_host[] = {"release", "preempt_rt", "hypervisor",
		"hypervisor_version", "cmdline", "hypervisor_cmdline", "scheduler", "ratelimit_us",
		"dom0_vcpus", "dom0_pin", NULL};
	static const char *const of_run[] = {"latcampaign", "tuning", NULL};
	const json_t *a = first_run(two->a, setup, NULL), *b = first_run(two->b, setup, NULL);

	if (!a || !b)
		return 0; /* not measured: the cells say so */
	return say_members(two, "setup", setup, of_run, a, b) +
	       say_members(two, "setup", setup, of_host, json_object_get(a, "found"),
		       json_object_get(b, "found"));
}

static unsigned say_guest(const struct two *two, const struct cell *cell)
{
	static const char *const of_guest[] = {
		"release", "preempt_rt", "clocksource", "tool", NULL};
	const char *setup = cell->setup->name, *experiment = cell->experiment->name;
	const json_t *a = first_run(two->a, setup, experiment),
		     *b = first_run(two->b, setup, experiment);

	if (!a || !b)
		return 0;
	return say_members(two, "where measured, cell", cell->name, of_guest,
		json_object_get(json_object_get(a, "guest"), "found"),
		json_object_get(json_object_get(b, "guest"), "found"));
}

void contrast_say_found(const struct two *two)
{
	unsigned said = 0;

	report_say(two->text,
		"\nDIFFERENT IN WHAT WAS FOUND, by the first run of each setup and cell\n");
	for (unsigned s = 0; s < two->a->plan->setup_count; s++)
		said += say_host(two, two->a->plan->setups[s].name);
	for (struct cell **cell = two->a->cells; *cell; cell++)
		said += say_guest(two, *cell);
	if (said == 0)
		report_say(two->text, "  nothing\n");
}

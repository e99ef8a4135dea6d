/* SPDX-License-Identifier: MIT */
#include "campaigns/imported.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "campaigns/keys.h"
#include "campaigns/selection.h"
#include "campaigns/settings.h"

bool imported_name_is_fine(const char *name)
{
	struct complaints complaints = {0};
	void *ctx = talloc_new(NULL);
	struct reader reader = {ctx, "", &complaints};

	keys_check_name(&reader, NULL, name);
	talloc_free(ctx);
	return complaints.count == 0;
}

struct plan *imported_plan(void *ctx, const char *name)
{
	struct plan *plan = talloc_zero(ctx, struct plan);

	settings_default_plan(plan);
	plan->name = talloc_strdup(plan, name);
	plan->imported = true;
	plan->order = ORDER_WRITTEN;
	plan->limits.boots = 1;
	plan->limits.idle_boots = 1;
	return plan;
}

static unsigned add_setup(struct plan *plan, const char *name)
{
	for (unsigned i = 0; i < plan->setup_count; i++)
		if (strcmp(plan->setups[i].name, name) == 0)
			return i;
	plan->setups = talloc_realloc(plan, plan->setups, struct setup, plan->setup_count + 1);
	struct setup *setup = &plan->setups[plan->setup_count];
	settings_default_setup(plan, setup, name);
	/* What a name may mean in a campaign, it need not have meant elsewhere. */
	setup->hypervisor = HYPERVISOR_NONE;
	setup->kernel.wanted = talloc_strdup(plan, "");
	return plan->setup_count++;
}

static void add_name(struct plan *plan, char ***names, const char *name)
{
	unsigned count = *names ? words_count(*names) : 0;

	for (unsigned i = 0; i < count; i++)
		if (strcmp((*names)[i], name) == 0)
			return;
	*names = talloc_realloc(plan, *names, char *, count + 2);
	(*names)[count] = talloc_strdup(plan, name);
	(*names)[count + 1] = NULL;
}

static void new_experiment(struct plan *plan, const struct imported_cell *cell)
{
	plan->experiments = talloc_realloc(
		plan, plan->experiments, struct experiment, plan->experiment_count + 1);
	struct experiment *experiment = &plan->experiments[plan->experiment_count++];
	settings_default_experiment(plan, experiment);
	experiment->name = talloc_strdup(plan, cell->experiment);
	experiment->place = PLACE_HOST;
	experiment->kernel.wanted = talloc_strdup(plan, "");
	experiment->cyclictest = cell->cyclictest;
}

static bool same(const struct cyclictest *a, const struct cyclictest *b)
{
	return a->interval_us == b->interval_us && a->duration_s == b->duration_s &&
	       a->threads == b->threads && a->histogram_us == b->histogram_us;
}

/* Returns its index, or -EINVAL. */
static int add_experiment(struct plan *plan, const struct imported_cell *cell, struct err *err)
{
	unsigned i = 0;

	while (i < plan->experiment_count &&
		strcmp(plan->experiments[i].name, cell->experiment) != 0)
		i++;
	if (i == plan->experiment_count)
		new_experiment(plan, cell);
	const struct cyclictest *has = &plan->experiments[i].cyclictest;
	if (!same(has, &cell->cyclictest))
		return err_set(err, -EINVAL,
			"experiment %s of this campaign has an interval of %ldus, a duration of "
			"%lds, %d threads and a histogram of %ldus, not %ldus, %lds, %d and %ldus; "
			"give these results an --experiment of their own",
			cell->experiment, has->interval_us, has->duration_s, has->threads,
			has->histogram_us, cell->cyclictest.interval_us,
			cell->cyclictest.duration_s, cell->cyclictest.threads,
			cell->cyclictest.histogram_us);
	add_name(plan, &plan->experiments[i].setups, cell->setup);
	return (int)i;
}

/* All curves in one figure: what they have in common only the person knows who imports them. */
static void draw_all(struct plan *plan)
{
	if (plan->figure_count == 0) {
		plan->figures = talloc_zero(plan, struct figure);
		plan->figure_count = 1;
		plan->figures->name = talloc_strdup(plan, "figure-imported");
		plan->figures->title = talloc_strdup(plan, "Imported results");
	}
	plan->figures->experiments = selection_all_experiments(plan);
	plan->figures->setups = selection_all_setups(plan);
}

static unsigned runs_of(const struct plan *plan, unsigned setup, unsigned experiment)
{
	unsigned count = 0;

	for (unsigned i = 0; i < plan->run_count; i++)
		count += plan->runs[i].setup == setup && plan->runs[i].experiment == experiment;
	return count;
}

static void add_runs(struct plan *plan, unsigned setup, unsigned experiment, unsigned count)
{
	unsigned before = runs_of(plan, setup, experiment);

	plan->runs = talloc_realloc(plan, plan->runs, struct run, plan->run_count + count);
	for (unsigned i = 1; i <= count; i++)
		plan->runs[plan->run_count++] = (struct run){
			.setup = setup,
			.experiment = experiment,
			.repetition = before + i,
			.place = PLACE_HOST,
			.id = talloc_asprintf(plan, "%s.%s.%u", plan->setups[setup].name,
				plan->experiments[experiment].name, before + i),
		};
}

int imported_add(
	struct plan *plan, const struct imported_cell *cell, unsigned count, struct err *err)
{
	unsigned setup = add_setup(plan, cell->setup);
	int experiment = add_experiment(plan, cell, err);

	if (experiment < 0)
		return experiment;
	plan->visits = talloc_realloc(plan, plan->visits, struct visit, plan->visit_count + 1);
	plan->visits[plan->visit_count++] = (struct visit){
		.setup = setup, .block = 1, .first_run = plan->run_count, .run_count = count};
	add_runs(plan, setup, (unsigned)experiment, count);
	draw_all(plan);
	return 0;
}

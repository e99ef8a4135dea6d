/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <talloc.h>

#include "report/export.h"
#include "statistics/over-boots.h"

static json_t *number(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *interval_json(bool has, const struct interval *interval)
{
	return has ? json_pack("[f, f]", interval->low, interval->high) : json_null();
}

static json_t *latency_json(int64_t latency, unsigned bins)
{
	if (latency < 0)
		return json_null();
	return json_pack(
		"{s:I, s:b}", "us", (json_int_t)latency, "beyond", latency >= (int64_t)bins);
}

static json_t *strings(char *const *list)
{
	json_t *json = json_array();

	for (; *list; list++)
		json_array_append_new(json, json_string(*list));
	return json;
}

/* --- cells -------------------------------------------------------------------------------- */

static json_t *quantile_json(const struct cell *cell, unsigned i, double precision)
{
	const struct over_boots said = over_boots_state(cell, i, precision);
	json_t *json = json_pack("{s:s, s:f, s:o, s:o, s:o, s:o}", "name", quantiles[i].name, "q",
		quantiles[i].q, "pooled", latency_json(said.pooled, cell->pool->bins), "corrected",
		latency_json(said.corrected, cell->corrected->bins), "between",
		number(said.between), "within", number(said.within));

	json_object_set_new(json, "median", said.told ? number(said.median) : json_null());
	json_object_set_new(
		json, "median_beyond", json_boolean(said.told && said.median > said.known));
	json_object_set_new(json, "interval", interval_json(said.has_interval, &said.interval));
	json_object_set_new(json, "interval_beyond",
		json_boolean(said.has_interval && said.interval.high > said.known));
	json_object_set_new(json, "more", said.more < 0 ? json_null() : json_integer(said.more));
	return json;
}

static json_t *boot_json(const struct plan *plan, const struct cell *cell, const struct boot *boot)
{
	json_t *said = json_object();

	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		json_object_set_new(said, quantiles[i].name,
			latency_json(boot->quantiles[i], boot->pool->bins));
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:f}", "id", boot->id, "visit",
		(json_int_t)boot->visit + 1, "block", (json_int_t)plan->visits[boot->visit].block,
		"began", (json_int_t)boot->began, "runs", (json_int_t)boot->runs, "wakeups",
		(json_int_t)histogram_samples(boot->pool), "largest",
		(json_int_t)boot->pool->threads->max_us, "quantiles", said, "distance",
		quantile_distance(boot->pool, cell->pool));
}

static void add_measured(json_t *json, const struct plan *plan, const struct cell *cell)
{
	const struct histogram_thread *all = cell->pool->threads;
	json_t *said = json_array(), *boots = json_array();

	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		json_array_append_new(said, quantile_json(cell, i, plan->output.precision / 100.0));
	for (unsigned b = 0; b < cell->boot_count; b++)
		json_array_append_new(boots, boot_json(plan, cell, &cell->boots[b]));
	json_t *measured = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "wakeups",
		(json_int_t)histogram_samples(cell->pool), "min", (json_int_t)all->min_us, "avg",
		(json_int_t)all->avg_us, "largest", (json_int_t)all->max_us, "beyond",
		(json_int_t)all->overflows, "bins", (json_int_t)cell->pool->bins, "quantiles", said,
		"boots", boots);
	json_object_update(json, measured);
	json_decref(measured);
}

static json_t *cell_json(const struct plan *plan, const struct cell *cell)
{
	json_t *json = json_pack("{s:s, s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:b}", "name",
		cell->name, "setup", cell->setup->name, "experiment", cell->experiment->name,
		"place", plan->imported ? NULL : place_name(cell->place), "runs_planned",
		(json_int_t)cell->planned, "runs_measured", (json_int_t)cell->run_count,
		"wakeups_expected", (json_int_t)cell->wakeups.expected, "wakeups_missed",
		(json_int_t)cell->wakeups.missed, "do_not_rank", cell_do_not_rank(cell));

	if (cell->pool)
		add_measured(json, plan, cell);
	return json;
}

/* --- comparisons -------------------------------------------------------------------------- */

static json_t *pair_json(const struct pair *pair)
{
	bool told = !pair->why_not;
	json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s?}", "experiment",
		pair->a->experiment->name, "a", pair->a->setup->name, "b", pair->b->setup->name,
		"quantile", quantiles[pair->quantile].name, "why_not", pair->why_not);

	json_object_set_new(
		json, "difference", pair->has_difference ? number(pair->difference) : json_null());
	json_object_set_new(json, "interval", interval_json(pair->has_interval, &pair->interval));
	json_object_set_new(json, "delta", told ? number(pair->delta) : json_null());
	json_object_set_new(json, "p", number(pair->p));
	json_object_set_new(json, "distance", told ? number(pair->distance) : json_null());
	return json;
}

static json_t *outcomes_json(const struct report *report)
{
	json_t *json = json_pack("{s:I}", "planned", (json_int_t)report->plan->run_count);

	for (unsigned o = 0; o < OUTCOME_COUNT; o++)
		json_object_set_new(
			json, outcome_name((enum outcome)o), json_integer(report->counts[o]));
	json_object_set_new(json, "not measured", json_integer(report->missing));
	return json;
}

/* As run.json has them, each with its run. */
static json_t *expectations_json(const struct report *report)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < report->plan->run_count; i++) {
		const json_t *list = report_expected(report, i);
		for (size_t k = 0; k < json_array_size(list); k++) {
			json_t *expected = json_deep_copy(json_array_get(list, k));
			json_object_set_new(expected, "run", json_string(report->plan->runs[i].id));
			json_array_append_new(json, expected);
		}
	}
	return json;
}

char *export_json(void *ctx, const struct report *report)
{
	const struct plan *plan = report->plan;
	json_t *cells = json_array(), *pairs = json_array();

	for (struct cell **cell = report->cells; *cell; cell++)
		json_array_append_new(cells, cell_json(plan, *cell));
	for (unsigned i = 0; i < report->pair_count; i++)
		json_array_append_new(pairs, pair_json(&report->pairs[i]));
	json_t *json = json_pack(
		"{s:i, s:s, s:s, s:s, s:b, s:s, s:I, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "format",
		1, "campaign", plan->name, "description", plan->description, "latcampaign", VERSION,
		"imported", plan->imported, "unit", "us", "seed", (json_int_t)plan->seed, "blocks",
		plan->blocks, "overrides", strings(plan->overrides), "outcomes",
		outcomes_json(report), "deviations", strings(report->deviations), "expectations",
		expectations_json(report), "cells", cells, "comparisons", pairs);
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	char *ret = talloc_asprintf(ctx, "%s\n", text);

	free(text);
	json_decref(json);
	return ret;
}

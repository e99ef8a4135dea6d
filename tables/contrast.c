/* SPDX-License-Identifier: MIT */
#include "tables/contrast.h"

#include <string.h>
#include <talloc.h>

#include "tables/contrast-parts.h"

static const struct cell *find_cell(const struct report *report, const struct cell *like)
{
	for (struct cell **cell = report->cells; *cell; cell++)
		if (strcmp((*cell)->setup->name, like->setup->name) == 0 &&
			strcmp((*cell)->experiment->name, like->experiment->name) == 0)
			return *cell;
	return NULL;
}

/* --- one cell ---------------------------------------------------------------------------- */

static const struct column columns[] = {
	{"quantile", "    ", NULL, -8, true},
	{"A", " ", NULL, 9, false},
	{"B", " ", NULL, 9, false},
	{"B - A", "  ", NULL, -24, true},
	{"delta", " ", NULL, 0, false},
};

static void add_side(struct table *table, const char *letter, const struct cell *cell)
{
	const struct wakeups *wakeups = &cell->wakeups;

	table_note(table, "%s  N %lu, %u boots, largest %ldus, %.3f %% of the wake-ups missing",
		letter, histogram_samples(cell->pool), cell->boot_count,
		cell->pool->threads->max_us,
		100 * (double)wakeups->missed / (double)wakeups->expected);
}

static void add_median(struct table *table, const struct cell *cell, unsigned i, double precision)
{
	const struct over_boots said = over_boots_state(cell, i, precision);

	table_cell(table, "%s", report_median(table, &said));
}

static void add_quantile(struct table *table, const struct plan *plan, const struct cell *a,
	const struct cell *b, unsigned i)
{
	const struct pair pair = pair_state(a, b, i, plan->seed);

	table_row(table);
	table_cell(table, "%s", quantiles[i].name);
	add_median(table, a, i, plan->output.precision / 100.0);
	add_median(table, b, i, plan->output.precision / 100.0);
	table_cell(table, "%s", report_difference(table, &pair));
	if (pair.why_not)
		table_cell(table, "-");
	else
		table_cell(table, "%+.2f", pair.delta);
}

static void add_cell(
	struct table *table, const struct plan *plan, const struct cell *a, const struct cell *b)
{
	table_group(table, "%s", a->name);
	add_side(table, "A", a);
	add_side(table, "B", b);
	if (cell_misses(a) || cell_misses(b))
		table_note(table, "not ranked: more than %g %% of the wake-ups are missing",
			100 * WAKEUPS_MISSED_LIMIT);
	else if (cell_do_not_rank(a) || cell_do_not_rank(b))
		table_note(
			table, "not ranked: runs were disturbed, see DEVIATIONS of their report");
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		add_quantile(table, plan, a, b, i);
	table_note(table, "largest distance of the distributions: %.3f",
		quantile_distance(a->pool, b->pool));
}

static void add_in_one(struct table *table, const struct cell *cell, const struct cell *other,
	const char *here, const char *there)
{
	table_group(table, "%s", cell->name);
	if (!cell->pool && !(other && other->pool))
		table_note(table, "measured in neither");
	else if (!cell->pool)
		table_note(table, "not measured in %s", here);
	else
		table_note(table, "%s %s", other ? "not measured in" : "not part of", there);
}

static struct table *compare_cells(void *ctx, const struct two *two)
{
	struct table *table = table_new(ctx, columns, sizeof(columns) / sizeof(*columns), true);

	for (struct cell **cell = two->a->cells; *cell; cell++) {
		const struct cell *other = find_cell(two->b, *cell);
		if ((*cell)->pool && other && other->pool)
			add_cell(table, two->a->plan, *cell, other);
		else
			add_in_one(table, *cell, other, "A", "B");
	}
	for (struct cell **cell = two->b->cells; *cell; cell++)
		if (!find_cell(two->a, *cell))
			add_in_one(table, *cell, NULL, "B", "A");
	return table;
}

/* --- all of it --------------------------------------------------------------------------- */

static const char *imported_words(void *ctx, const struct two *two)
{
	bool a = two->a->plan->imported, b = two->b->plan->imported;

	if (!a && !b)
		return "";
	return talloc_asprintf(ctx,
		"\n  %s imported: nothing is known but names and cyclictest's parameters",
		a && b ? "A and B are"
		: a    ? "A is"
		       : "B is");
}

static const char *latencies_explanation(void *ctx)
{
	return talloc_asprintf(ctx,
		"the median of the boots' quantiles; the difference with its 95 %% interval "
		"(bootstrap\n"
		"over boots, from %d boots on); Cliff's delta of the boots: +1 when B is later in "
		"each. - = the data\n"
		"cannot tell. Intervals are not corrected for their number. See "
		"docs/statistics.md.",
		STATISTICS_INTERVAL_BOOTS);
}

char *contrast(void *ctx, const struct contrasted *a, const struct contrasted *b)
{
	void *parts = talloc_new(NULL);
	struct two two = {
		report_read(parts, a->plan, a->campaign), report_read(parts, b->plan, b->campaign)};
	const struct section sections[] = {
		{.lead = "DIFFERENT IN WHAT WAS ASKED",
			.explanation = imported_words(parts, &two),
			.table = contrast_asked(parts, &two)},
		{.lead = "DIFFERENT IN WHAT WAS FOUND, by the first run of each setup and cell",
			.explanation = "",
			.table = contrast_found(parts, &two)},
		{.lead = "LATENCIES in us: ",
			.explanation = latencies_explanation(parts),
			.table = compare_cells(parts, &two)},
	};
	char *text = talloc_asprintf(
		ctx, "A  %s: %s\nB  %s: %s\n", a->name, two.a->outcome, b->name, two.b->outcome);

	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		text = talloc_strdup_append_buffer(text, report_section(parts, &sections[i]));
	talloc_free(parts);
	return text;
}

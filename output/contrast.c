/* SPDX-License-Identifier: MIT */
#include "output/contrast.h"

#include <math.h>
#include <string.h>
#include <talloc.h>

#include "output/contrast-parts.h"
#include "output/result.h"

static const struct cell *find_cell(const struct report *report, const struct cell *like)
{
	for (struct cell **cell = report->cells; *cell; cell++)
		if (strcmp((*cell)->setup->name, like->setup->name) == 0 &&
			strcmp((*cell)->experiment->name, like->experiment->name) == 0)
			return *cell;
	return NULL;
}

/* --- one cell ---------------------------------------------------------------------------- */

static void say_side(struct report *text, const char *letter, const struct cell *cell)
{
	const struct wakeups *wakeups = &cell->wakeups;

	report_say(text,
		"    %s  N %lu, %u boots, largest %ldus, %.3f %% of the wake-ups missing\n", letter,
		histogram_samples(cell->pool), cell->boot_count, cell->pool->threads->max_us,
		100 * (double)wakeups->missed / (double)wakeups->expected);
}

/* The median of the boots' quantiles; "-" where a boot has too few wake-ups. */
static char *median_word(void *ctx, const struct cell *cell, const double *values, double known)
{
	if (!values)
		return talloc_strdup(ctx, "-");
	return report_number(ctx, boots_median(values, cell->boot_count), known);
}

static void say_quantile(
	const struct two *two, const struct cell *a, const struct cell *b, unsigned i)
{
	void *ctx = talloc_new(two->text);
	double a_known, b_known;
	const double *a_values = report_boot_values(ctx, a, i, &a_known),
		     *b_values = report_boot_values(ctx, b, i, &b_known);
	bool told = a_values && b_values && !cell_misses(a) && !cell_misses(b);

	report_say(two->text, "    %-8s %9s %9s  %-24s %s\n", quantiles[i].name,
		median_word(ctx, a, a_values, a_known), median_word(ctx, b, b_values, b_known),
		told ? report_difference(ctx, a, a_values, b, b_values, two->a->plan->seed) : "-",
		told ? talloc_asprintf(ctx, "%+.2f",
			       compare_delta(a_values, a->boot_count, b_values, b->boot_count))
		     : "-");
	talloc_free(ctx);
}

static void say_cell(const struct two *two, const struct cell *a, const struct cell *b)
{
	report_say(two->text, "  %s\n", a->name);
	say_side(two->text, "A", a);
	say_side(two->text, "B", b);
	if (cell_misses(a) || cell_misses(b))
		report_say(two->text,
			"    not ranked: more than %g %% of the wake-ups are missing\n",
			100 * CELL_MISSED_LIMIT);
	report_say(two->text, "    %-8s %9s %9s  %-24s %s\n", "", "A", "B", "B - A", "delta");
	for (unsigned i = 0; i < QUANTILE_COUNT; i++)
		say_quantile(two, a, b, i);
	report_say(two->text, "    largest distance of the distributions: %.3f\n",
		quantile_distance(a->pool, b->pool));
}

static void say_in_one(const struct two *two, const struct cell *cell, const struct cell *other,
	const char *here, const char *there)
{
	const char *why = !other ? "not part of" : "not measured in";

	if (!cell->pool && !(other && other->pool))
		report_say(two->text, "  %s\n    measured in neither\n", cell->name);
	else if (!cell->pool)
		report_say(two->text, "  %s\n    not measured in %s\n", cell->name, here);
	else
		report_say(two->text, "  %s\n    %s %s\n", cell->name, why, there);
}

static void say_cells(const struct two *two)
{
	report_say(two->text,
		"\nLATENCIES in us: the median of the boots' quantiles; the difference with its "
		"95 %% interval (bootstrap\n"
		"over boots, from %d boots on); Cliff's delta of the boots: +1 when B is later in "
		"each. - = the data\n"
		"cannot tell. Intervals are not corrected for their number. See "
		"docs/statistics.md.\n",
		STATISTICS_INTERVAL_BOOTS);
	for (struct cell **cell = two->a->cells; *cell; cell++) {
		const struct cell *other = find_cell(two->b, *cell);
		if ((*cell)->pool && other && other->pool)
			say_cell(two, *cell, other);
		else
			say_in_one(two, *cell, other, "A", "B");
	}
	for (struct cell **cell = two->b->cells; *cell; cell++)
		if (!find_cell(two->a, *cell))
			say_in_one(two, *cell, NULL, "B", "A");
}

/* --- all of it --------------------------------------------------------------------------- */

static void say_campaign(
	struct report *text, const char *letter, const char *name, const struct report *report)
{
	report_say(text, "%s  %s:", letter, name);
	report_say_counts(text, report);
}

char *contrast(void *ctx, const struct contrasted *a, const struct contrasted *b)
{
	struct two two = {.text = talloc_zero(ctx, struct report)};

	two.text->text = talloc_strdup(ctx, "");
	two.a = report_load(two.text, a->plan, a->campaign);
	two.b = report_load(two.text, b->plan, b->campaign);
	say_campaign(two.text, "A", a->name, two.a);
	say_campaign(two.text, "B", b->name, two.b);
	contrast_say_asked(&two);
	contrast_say_found(&two);
	say_cells(&two);
	char *text = talloc_steal(ctx, two.text->text);
	talloc_free(two.text);
	return text;
}

/* SPDX-License-Identifier: MIT */
/*
 * The paper's figures: an empirical distribution for each cell; and the same with a logarithmic
 * axis for the rare latencies. Colour tells the setup, the line's pattern tells the experiment.
 */
#include <math.h>
#include <talloc.h>

#include "base/files.h"
#include "figures/ccdf.h"
#include "figures/figure-kind.h"
#include "figures/figure.h"
#include "statistics/stated.h"

#define CDF_LIMIT ((size_t)1 << 30)

static const char *const dashes[] = {"1", "(12,5)", "(4,4)", "(14,4,3,4)"};
#define DASH_COUNT (sizeof(dashes) / sizeof(*dashes))

/* --- a curve ------------------------------------------------------------------------------ */

static uint64_t beyond(const struct cell *cell, int64_t x_max_us)
{
	uint64_t count = cell->pool->threads->overflows;

	for (unsigned bin = 0; bin < cell->pool->bins; bin++)
		if (bin > x_max_us)
			count += cell->pool->threads->counts[bin];
	return count;
}

static char *title(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	uint64_t out = beyond(cell, drawing->plan->output.x_max_us);
	char *text = talloc_asprintf(
		ctx, "%s (%s)", drawing_label(ctx, drawing, cell), drawing_size(ctx, cell));

	return out > 0 ? talloc_asprintf_append(text, ", %s beyond, up to %ld µs",
				 drawing_count(ctx, out), cell->pool->threads->max_us)
		       : text;
}

static char *style(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	return talloc_asprintf(ctx, "lc rgb '%s' dt %s", drawing_colour(drawing, cell),
		dashes[drawing_experiment(drawing, cell) % DASH_COUNT]);
}

static unsigned count_shown(const struct drawing *drawing)
{
	unsigned count = 0;

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		count += figure_shows(drawing->figure, *cell);
	return count;
}

/* --- P(latency <= x) ---------------------------------------------------------------------- */

static char *cdf_curves(void *ctx, const struct drawing *drawing)
{
	char *list = talloc_strdup(ctx, "");

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell))
			list = talloc_asprintf_append(list,
				"%s\t'cdf-%s.txt' using 1:2 with lines lw 2 %s title \"%s\"",
				*list ? ", \\\n" : "", (*cell)->name, style(ctx, drawing, *cell),
				title(ctx, drawing, *cell));
	return list;
}

/* --- P(latency >= x) ---------------------------------------------------------------------- */

/* A thin line for each boot: all of them lie under every bold one. */
static char *boot_curves(void *ctx, const struct drawing *drawing)
{
	char *list = talloc_strdup(ctx, "");

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell))
			list = talloc_asprintf_append(list,
				"\tfor [boot=1:%u] 'ccdf-%s.txt' index boot+1 using 1:2 with lines "
				"lw 0.5 %s notitle, \\\n",
				(*cell)->boot_count, (*cell)->name, style(ctx, drawing, *cell));
	return list;
}

/* The bold line of all boots, and the largest latency marked. */
static char *ccdf_curves(void *ctx, const struct drawing *drawing)
{
	char *list = boot_curves(ctx, drawing);
	const char *comma = "";

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		const char *how =
			figure_shows(drawing->figure, *cell) ? style(ctx, drawing, *cell) : NULL;
		if (!how)
			continue;
		list = talloc_asprintf_append(list,
			"%s\t'ccdf-%s.txt' index 0 using 1:2 with lines lw 3 %s title \"%s\", \\\n"
			"\t'ccdf-%s.txt' index 1 using 1:2 with points pt 7 %s notitle",
			comma, (*cell)->name, how, title(ctx, drawing, *cell), (*cell)->name, how);
		comma = ", \\\n";
	}
	return list;
}

/* Half a wake-up of the campaign's largest cell: all of its figures have one axis, and a single
 * latest wake-up stands clear of its end. */
static double lowest_share(const struct drawing *drawing)
{
	uint64_t most = 1;

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if ((*cell)->pool && histogram_samples((*cell)->pool) > most)
			most = histogram_samples((*cell)->pool);
	return 0.5 / (double)most;
}

/* --- the scripts -------------------------------------------------------------------------- */

static char *script(void *ctx, const struct drawing *drawing, const char *axis, const char *curves)
{
	return talloc_asprintf(ctx,
		"%s%s"
		"set xlabel \"latency (µs)\"\n"
		"set xrange [0:%ld]\n"
		"set key below left vertical maxcols 1 Left reverse noenhanced samplen 3 height 1\n"
		"%s"
		"plot \\\n%s\n"
		"%s",
		drawing_head(ctx, drawing), drawing_warning(ctx, drawing),
		drawing->plan->output.x_max_us, axis, curves,
		drawing_outputs(ctx, drawing, count_shown(drawing), "replot"));
}

static char *cdf_script(void *ctx, const struct drawing *drawing)
{
	return script(ctx, drawing,
		"set ylabel \"P(latency ≤ x)\"\n"
		"set yrange [0:1.02]\n",
		cdf_curves(ctx, drawing));
}

static char *ccdf_script(void *ctx, const struct drawing *drawing)
{
	char *axis = talloc_asprintf(ctx,
		"set ylabel \"P(latency ≥ x)\"\n"
		"set logscale y\n"
		"set format y '10^{%%L}'\n"
		"set yrange [%.9g:1]\n",
		lowest_share(drawing));

	return script(ctx, drawing, axis, ccdf_curves(ctx, drawing));
}

/* --- data and words ----------------------------------------------------------------------- */

static bool shows_all(const struct cell *cell)
{
	(void)cell;
	return true;
}

static int copy_cdf(const struct cell *cell, int campaign, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *from = talloc_asprintf(ctx, "cdf/cdf-%s.txt", cell->name), *text;
	char *to = talloc_asprintf(ctx, "figures/cdf-%s.txt", cell->name);
	size_t size;
	int r = file_read(ctx, campaign, from, CDF_LIMIT, &text, &size, err);

	if (r == 0)
		r = file_replace(campaign, to, text, size, 0644, err);
	talloc_free(ctx);
	return r;
}

static char *quantile_words(void *ctx, const struct cell *cell, double q)
{
	int64_t latency = quantile_of(cell->pool, q);

	return latency < 0 ? talloc_strdup(ctx, "a latency that so few cannot tell")
			   : talloc_asprintf(
				     ctx, "%s us", stated_latency(ctx, latency, cell->pool->bins));
}

static char *tell(void *ctx, const struct cell *cell)
{
	return talloc_asprintf(ctx,
		"%s (%s): half of %lu wake-ups in %u boots within %s, 99.9 %% within %s, the "
		"largest after %ld us",
		figure_label(ctx, cell), cell->name, histogram_samples(cell->pool),
		cell->boot_count, quantile_words(ctx, cell, 0.5), quantile_words(ctx, cell, 0.999),
		cell->pool->threads->max_us);
}

const struct figure_kind figure_cdf = {
	.suffix = "",
	.title = "",
	.words = "The share of wake-ups that were at most so late, P(latency \u2264 x)",
	.shows = shows_all,
	.script = cdf_script,
	.write = copy_cdf,
	.tell = tell,
};

const struct figure_kind figure_ccdf = {
	.suffix = "-ccdf",
	.title = ": rare latencies",
	.words = "The share of wake-ups that were at least so late, P(latency \u2265 x), with a "
		 "logarithmic axis; thin lines are single boots, the dot is the largest latency",
	.shows = shows_all,
	.script = ccdf_script,
	.write = ccdf_write,
	.tell = tell,
};

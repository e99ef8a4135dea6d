/* SPDX-License-Identifier: MIT */
/*
 * The paper's figures: an empirical distribution for each cell; and the same with a logarithmic
 * axis for the rare latencies. Colour tells the setup, the line's pattern tells the experiment.
 */
#include "output/figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "output/ccdf.h"
#include "output/script-file.h"

#define GNUPLOT_SECONDS 120

static const struct format {
	const char *name, *terminal;
} formats[] = {
	{"eps", "epscairo color size 12cm,8cm font 'Sans,10'"},
	{"pdf", "pdfcairo size 12cm,8cm font 'Sans,10'"},
	{"svg", "svg size 800,530 dynamic font 'sans-serif,14' background 'white'"},
	{"png", "pngcairo size 1200,800 font 'Sans,16'"},
};
#define FORMAT_COUNT (sizeof(formats) / sizeof(*formats))

/* Okabe and Ito's colours without the yellow; eight hosts can be told apart. */
static const char *const colours[] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#666666"};
#define COLOUR_COUNT (sizeof(colours) / sizeof(*colours))
static const char *const dashes[] = {"1", "(12,5)", "(4,4)", "(14,4,3,4)"};
#define DASH_COUNT (sizeof(dashes) / sizeof(*dashes))

/* A figure and all that is drawn from. */
struct drawing {
	const struct plan *plan;
	const struct figure *figure;
	struct cell *const *cells;
	int campaign;
	bool ccdf;  /* P(latency >= x) with a logarithmic axis instead of P(latency <= x) */
	char *name; /* of its files */
};

static const char *kernel_word(const struct kernel *kernel)
{
	if (!kernel->release)
		return kernel->wanted;
	return kernel->rt ? "RT" : "NRT";
}

/* "NRT host, RT guest, load: hackbench"; of an imported cell only its name is known. */
char *figure_label(void *ctx, const struct cell *cell)
{
	const struct experiment *experiment = cell->experiment;
	bool dom0 = cell->place == PLACE_HOST && cell->setup->hypervisor == HYPERVISOR_XEN;

	if (!*cell->setup->kernel.wanted)
		return talloc_strdup(ctx, cell->name);
	char *text = talloc_asprintf(
		ctx, "%s %s", kernel_word(&cell->setup->kernel), dom0 ? "dom0" : "host");

	if (cell->place != PLACE_HOST)
		text = talloc_asprintf_append(text, ", %s guest", kernel_word(&experiment->kernel));
	for (char **load = experiment->load; *load; load++)
		text = talloc_asprintf_append(
			text, "%s%s", load == experiment->load ? ", load: " : "+", *load);
	return text;
}

/* Where a name stands in a list; -1 when it does not. */
static int position(char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

bool figure_shows(const struct figure *figure, const struct cell *cell)
{
	return cell->pool && position(figure->setups, cell->setup->name) >= 0 &&
	       position(figure->experiments, cell->experiment->name) >= 0;
}

/* Two cells of a figure may differ in what the label does not tell. */
static bool label_is_shared(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	for (struct cell *const *other = drawing->cells; *other; other++)
		if (*other != cell && figure_shows(drawing->figure, *other) &&
			strcmp(figure_label(ctx, *other), figure_label(ctx, cell)) == 0)
			return true;
	return false;
}

static uint64_t beyond(const struct cell *cell, int64_t x_max_us)
{
	uint64_t count = cell->pool->threads->overflows;

	for (unsigned bin = 0; bin < cell->pool->bins; bin++)
		if (bin > x_max_us)
			count += cell->pool->threads->counts[bin];
	return count;
}

/* "0.25 million", "1500": a number that a key has room for. */
static char *short_count(void *ctx, uint64_t count)
{
	if (count >= 1000000)
		return talloc_asprintf(ctx, "%.3g million", (double)count / 1e6);
	return talloc_asprintf(ctx, "%lu", count);
}

static char *title(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	uint64_t out = beyond(cell, drawing->plan->output.x_max_us);
	char *text = figure_label(ctx, cell);

	if (label_is_shared(ctx, drawing, cell))
		text = talloc_asprintf_append(text, ", %s", cell->name);
	text = talloc_asprintf_append(text, " (N = %s, %u boot%s)",
		short_count(ctx, histogram_samples(cell->pool)), cell->boot_count,
		cell->boot_count == 1 ? "" : "s");
	return out > 0 ? talloc_asprintf_append(text, ", %lu beyond, up to %ld µs", out,
				 cell->pool->threads->max_us)
		       : text;
}

/* A thin line for each boot under the bold one of all, and the largest latency marked. */
static char *ccdf_curve(void *ctx, const struct cell *cell, const char *style, const char *key)
{
	char *text = talloc_strdup(ctx, "");

	for (unsigned b = 0; b < cell->boot_count; b++)
		text = talloc_asprintf_append(text,
			"\t'ccdf-%s.txt' index %u using 1:2 with lines lw 0.5 %s notitle, \\\n",
			cell->name, b + 2, style);
	return talloc_asprintf_append(text,
		"\t'ccdf-%s.txt' index 0 using 1:2 with lines lw 3 %s title \"%s\", \\\n"
		"\t'ccdf-%s.txt' index 1 using 1:2 with points pt 7 %s notitle",
		cell->name, style, key, cell->name, style);
}

static char *curve(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	unsigned setup = (unsigned)position(drawing->figure->setups, cell->setup->name);
	unsigned experiment =
		(unsigned)position(drawing->figure->experiments, cell->experiment->name);
	char *style = talloc_asprintf(ctx, "lc rgb '%s' dt %s", colours[setup % COLOUR_COUNT],
		dashes[experiment % DASH_COUNT]);

	if (drawing->ccdf)
		return ccdf_curve(ctx, cell, style, title(ctx, drawing, cell));
	return talloc_asprintf(ctx, "\t'cdf-%s.txt' using 1:2 with lines lw 2 %s title \"%s\"",
		cell->name, style, title(ctx, drawing, cell));
}

static char *curves(void *ctx, const struct drawing *drawing)
{
	char *list = talloc_strdup(ctx, "");

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell))
			list = talloc_asprintf_append(
				list, "%s%s", *list ? ", \\\n" : "", curve(ctx, drawing, *cell));
	return list;
}

/* The page shows the SVG, whether it is asked for or not. */
static char *outputs(void *ctx, const struct plan *plan, const char *name)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < FORMAT_COUNT; i++)
		if (position(plan->output.formats, formats[i].name) >= 0 ||
			strcmp(formats[i].name, "svg") == 0)
			text = talloc_asprintf_append(text,
				"set terminal %s\nset output '%s.%s'\nreplot\n",
				formats[i].terminal, name, formats[i].name);
	return text;
}

/* gnuplot's single quotes take everything but themselves. */
static char *quoted(void *ctx, const char *text)
{
	char *clean = talloc_strdup(ctx, text);

	for (char *c = clean; *c; c++)
		if (*c == '\'' || (unsigned char)*c < ' ')
			*c = ' ';
	return talloc_asprintf(ctx, "'%s'", clean);
}

/* The largest share of its wake-ups that a curve misses, where it misses too many. */
static double largest_share_missed(const struct drawing *drawing)
{
	double largest = 0;

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		const struct wakeups *wakeups = &(*cell)->wakeups;
		if (figure_shows(drawing->figure, *cell) && cell_misses(*cell))
			largest =
				fmax(largest, (double)wakeups->missed / (double)wakeups->expected);
	}
	return largest;
}

static bool any_disturbed(const struct drawing *drawing)
{
	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell) && disturbance_any(&(*cell)->disturbance))
			return true;
	return false;
}

static char *warning_label(void *ctx, const char *words)
{
	return talloc_asprintf(ctx,
		"set label '%s (see the report): do not rank' at graph 0.5, 1.02 center noenhanced "
		"front tc rgb '#c00000'\n",
		words);
}

/* What a reader must know before comparing curves; "" when nothing. It stands above the curves: the
 * key below them has its own words. */
static char *warning(void *ctx, const struct drawing *drawing)
{
	double share = largest_share_missed(drawing);

	if (share > 0)
		return warning_label(ctx,
			talloc_asprintf(ctx, "up to %.2f %% of the wake-ups of a curve are missing",
				100 * share));
	return any_disturbed(drawing) ? warning_label(ctx, "the runs of a curve were disturbed")
				      : talloc_strdup(ctx, "");
}

static const char *axes(const struct drawing *drawing)
{
	return drawing->ccdf ? "set ylabel \"P(latency ≥ x)\"\n"
			       "set logscale y\n"
			       "set format y '10^{%L}'\n"
			       "set yrange [*:1]\n"
			     : "set ylabel \"P(latency ≤ x)\"\n"
			       "set yrange [0:1.02]\n";
}

static char *script(void *ctx, const struct drawing *drawing)
{
	const struct figure *figure = drawing->figure;
	const struct plan *plan = drawing->plan;
	char *heading = talloc_asprintf(
		ctx, "%s (campaign %s)", *figure->title ? figure->title : figure->name, plan->name);

	return talloc_asprintf(ctx,
		"# Redraw with: gnuplot %s.gp\n"
		"set encoding utf8\n"
		"set terminal unknown\n"
		"set title %s noenhanced\n"
		"set xlabel \"latency (µs)\"\n"
		"set xrange [0:%ld]\n"
		"set grid lc rgb '#dddddd'\n"
		"set border 3\n"
		"set tics nomirror\n"
		"set key below left vertical maxcols 1 Left reverse noenhanced samplen 3 height 1\n"
		"%s%s"
		"plot \\\n%s\n"
		"%s"
		"set output\n",
		drawing->name, quoted(ctx, heading), plan->output.x_max_us, axes(drawing),
		warning(ctx, drawing), curves(ctx, drawing), outputs(ctx, plan, drawing->name));
}

/* The figure's folder is whole by itself: script and data side by side. */
static int copy_data(void *ctx, const struct drawing *drawing, struct err *err)
{
	int r = 0;

	for (struct cell *const *cell = drawing->cells; r == 0 && *cell; cell++) {
		size_t size;
		char *text, *from = talloc_asprintf(ctx, "cdf/cdf-%s.txt", (*cell)->name);
		char *to = talloc_asprintf(ctx, "figures/cdf-%s.txt", (*cell)->name);
		if (!figure_shows(drawing->figure, *cell))
			continue;
		r = file_read(ctx, drawing->campaign, from, (size_t)1 << 30, &text, &size, err);
		if (r == 0)
			r = file_replace(drawing->campaign, to, text, size, 0644, err);
		if (r == 0)
			r = ccdf_write(*cell, drawing->campaign, err);
	}
	return r;
}

static int run_gnuplot(void *ctx, const struct drawing *drawing, struct err *err)
{
	char *folder =
		talloc_asprintf(ctx, "/proc/%d/fd/%d/figures", (int)getpid(), drawing->campaign);
	char *change = talloc_asprintf(ctx, "cd '%s'", folder);
	char *file = talloc_asprintf(ctx, "%s.gp", drawing->name);
	const char *const argv[] = {"gnuplot", "-e", change, file, NULL};

	return spawn_read(ctx, argv, GNUPLOT_SECONDS, NULL, err);
}

static bool anything_measured(const struct drawing *drawing)
{
	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell))
			return true;
	return false;
}

static int draw(void *ctx, struct drawing *drawing, struct err *err)
{
	drawing->name = talloc_asprintf(
		ctx, "%s%s", drawing->figure->name, drawing->ccdf ? FIGURE_CCDF : "");
	char *svg = talloc_asprintf(ctx, "figures/%s.svg", drawing->name);
	int r = script_write(drawing->campaign, drawing->name, script(ctx, drawing), err);

	/* An edited script may draw no SVG of this name, and the page must not show an old one. */
	if (r == 0)
		r = file_remove(drawing->campaign, svg, err);
	return r == 0 ? run_gnuplot(ctx, drawing, err) : r;
}

static int draw_both(void *ctx, struct drawing *drawing, struct err *err)
{
	int r = directory_make(drawing->campaign, "figures", err);

	if (r == 0)
		r = copy_data(ctx, drawing, err);
	if (r == 0)
		r = draw(ctx, drawing, err);
	drawing->ccdf = true;
	return r == 0 ? draw(ctx, drawing, err) : r;
}

int figure_draw(const struct plan *plan, struct cell *const *cells, const struct figure *figure,
	int campaign, struct err *err)
{
	struct drawing drawing = {
		.plan = plan, .figure = figure, .cells = cells, .campaign = campaign};
	void *ctx = talloc_new(NULL);
	int r = anything_measured(&drawing) ? draw_both(ctx, &drawing, err) : 0;

	talloc_free(ctx);
	return r;
}

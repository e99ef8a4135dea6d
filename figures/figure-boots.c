/* SPDX-License-Identifier: MIT */
/*
 * How boots of one setup differ: each boot's p50, p99, p99.9 and largest latency as points. Colour
 * tells the setup, the point's shape tells which of the four it is.
 */
#include <math.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "figures/figure-kind.h"
#include "figures/figure.h"
#include "statistics/over-boots.h"
#include "statistics/stated.h"

/* Which of `quantiles` are drawn; the largest is one column more. */
static const unsigned drawn[] = {0, 2, 3};
#define DRAWN_COUNT (sizeof(drawn) / sizeof(*drawn))

/* A logarithmic axis has no 0. */
#define ZERO_US 0.5

/* Names stand level as long as they do not run into each other. */
#define LEVEL_CHARACTERS 80
#define NAME_LEAST 14 /* characters: "N = 60 million" stands below it */
#define NAME_LINES 4
#define KEY_LINES 3

/* What stands below the axis. */
struct names {
	unsigned count, lines;
	bool upright;
};

/* --- the data ----------------------------------------------------------------------------- */

static char *add_latency(char *text, int64_t latency)
{
	return latency < 0 ? talloc_strdup_append_buffer(text, " nan")
			   : talloc_asprintf_append_buffer(text, " %ld", latency);
}

static char *add_boot(char *text, const struct boot *boot, unsigned number)
{
	text = talloc_asprintf_append_buffer(
		text, "%u %u %lu", number, boot->visit + 1, histogram_samples(boot->pool));
	for (unsigned i = 0; i < DRAWN_COUNT; i++)
		text = add_latency(text, boot->quantiles[drawn[i]]);
	return talloc_asprintf_append_buffer(text, " %ld\n", boot->pool->threads->max_us);
}

/* Of the median boot: nothing where it lies beyond the histogram's end. */
static char *add_medians(char *text, const struct cell *cell)
{
	double *largest = talloc_array(text, double, cell->boot_count);

	for (unsigned i = 0; i < DRAWN_COUNT; i++) {
		struct over_boots said = over_boots_state(cell, drawn[i], 1);
		if (said.told && said.median <= said.known)
			text = talloc_asprintf_append_buffer(text, "%u %.9g\n", i, said.median);
	}
	for (unsigned b = 0; b < cell->boot_count; b++)
		largest[b] = (double)cell->boots[b].pool->threads->max_us;
	return talloc_asprintf_append_buffer(
		text, "%zu %.9g\n", DRAWN_COUNT, boots_median(largest, cell->boot_count));
}

static int write_data(const struct cell *cell, int campaign, struct err *err)
{
	char *path = talloc_asprintf(NULL, "figures/boots-%s.txt", cell->name);
	char *text = talloc_asprintf(path,
		"# %s: each boot by itself; a quantile of %u us is one that lies beyond the "
		"histogram,\n"
		"# and nan one that so few wake-ups cannot tell\n"
		"# boot visit wake-ups p50_us p99_us p99.9_us largest_us\n",
		cell->name, cell->pool->bins);

	for (unsigned b = 0; b < cell->boot_count; b++)
		text = add_boot(text, &cell->boots[b], b + 1);
	text = talloc_asprintf_append_buffer(
		text, "\n\n# the median boot: 0 p50, 1 p99, 2 p99.9, 3 largest; latency_us\n");
	text = add_medians(text, cell);
	int r = file_replace(campaign, path, text, strlen(text), 0644, err);
	talloc_free(path);
	return r;
}

/* --- the axes ----------------------------------------------------------------------------- */

/* One for all figures of the campaign, in whole decades. */
static char *y_range(void *ctx, const struct drawing *drawing)
{
	double low = HUGE_VAL, high = 1;

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		for (unsigned b = 0; (*cell)->pool && b < (*cell)->boot_count; b++) {
			const struct boot *boot = &(*cell)->boots[b];
			int64_t least = boot->quantiles[0] < 0 ? boot->pool->threads->max_us
							       : boot->quantiles[0];
			low = fmin(low, (double)least);
			high = fmax(high, (double)boot->pool->threads->max_us);
		}
	low = low < 1 ? ZERO_US : pow(10, floor(log10(low)));
	return talloc_asprintf(
		ctx, "set yrange [%g:%.9g]\n", 0.8 * low, 1.2 * pow(10, ceil(log10(high))));
}

/* Which boot, and of how many wake-ups; in three lines. */
static char *name_words(void *ctx, const struct cell *cell)
{
	return talloc_asprintf(ctx, "%s\\nN = %s\\n%u boot%s", cell->name,
		drawing_count(ctx, histogram_samples(cell->pool)), cell->boot_count,
		cell->boot_count == 1 ? "" : "s");
}

/* The lines that names need, of which gnuplot counts one. */
static struct names measure_names(const struct drawing *drawing)
{
	struct names names = {.lines = NAME_LINES};
	size_t longest = NAME_LEAST;

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		if (!figure_shows(drawing->figure, *cell))
			continue;
		names.count++;
		if (strlen((*cell)->name) > longest)
			longest = strlen((*cell)->name);
	}
	names.upright = names.count * longest > LEVEL_CHARACTERS;
	/* A character is about half as wide as a line is high. */
	if (names.upright)
		names.lines = 1 + (unsigned)longest / 2;
	return names;
}

static char *x_axis(void *ctx, const struct drawing *drawing, const struct names *names)
{
	char *list = talloc_strdup(ctx, ""), *lines = talloc_strdup(ctx, "");
	unsigned number = 0;

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		if (!figure_shows(drawing->figure, *cell))
			continue;
		if (number++ > 0)
			lines = talloc_asprintf_append(lines,
				"set arrow from %g, graph 0 to %g, graph 1 nohead back lc rgb "
				"'#bbbbbb'\n",
				number - 0.5, number - 0.5);
		list = talloc_asprintf_append(list, "%s\"%s\" %u", number > 1 ? ", " : "",
			name_words(ctx, *cell), number);
	}
	return talloc_asprintf(ctx,
		"set xrange [0.5:%g]\n"
		"set xtics noenhanced scale 0%s (%s)\n"
		"set bmargin %u\n"
		"set rmargin 3\n%s",
		names->count + 0.5, names->upright ? " rotate by 90 right" : "", list,
		names->lines + KEY_LINES, lines);
}

/* --- the script --------------------------------------------------------------------------- */

static const char words[] =
	"set ylabel \"latency (µs)\"\n"
	"set logscale y\n"
	"set format y '%g'\n"
	"set grid noxtics ytics\n"
	"set key below center horizontal Left reverse noenhanced samplen 1.5 width 1\n"
	"# Which of the four has which shape, and where it stands within its cell.\n"
	"shape(i) = int(word(\"6 4 8 7\", i + 1))\n"
	"name(i) = word(\"p50 p99 p99.9 largest\", i + 1)\n"
	"place(cell, i) = cell + 0.21 * (i - 1.5)\n"
	"# Boots stand side by side, so that none hides another.\n"
	"beside(boot) = 0.13 * (boot * 0.618 - floor(boot * 0.618) - 0.5)\n"
	"# 0 us is drawn at 0.5; a quantile beyond the histogram is known from below only.\n"
	"drawable(us) = us > 0 ? us : 0.5\n"
	"is_beyond(us, i, end) = i < 3 && us >= end\n"
	"known(us, i, end) = is_beyond(us, i, end) ? NaN : drawable(us)\n"
	"beyond(us, i, end) = is_beyond(us, i, end) ? end : NaN\n";

static bool is_beyond(const struct cell *cell)
{
	for (unsigned b = 0; b < cell->boot_count; b++)
		for (unsigned i = 0; i < DRAWN_COUNT; i++)
			if (cell->boots[b].quantiles[drawn[i]] >= (int64_t)cell->pool->bins)
				return true;
	return false;
}

static char *cell_points(
	void *ctx, const struct drawing *drawing, const struct cell *cell, unsigned number)
{
	char *style = talloc_asprintf(ctx, "lc rgb '%s' notitle", drawing_colour(drawing, cell));
	char *text = talloc_asprintf(ctx,
		"\tfor [i=0:3] 'boots-%s.txt' index 0 using (place(%u, i) + beside($1)):"
		"(known(column(i + 4), i, %u)) with points pt shape(i) %s, \\\n"
		"\t'boots-%s.txt' index 1 using (place(%u, $1) - 0.09):(drawable($2)):(0.18):(0) "
		"with vectors nohead lw 2 %s, \\\n",
		cell->name, number, cell->pool->bins, style, cell->name, number, style);

	if (!is_beyond(cell))
		return text;
	return talloc_asprintf_append(text,
		"\tfor [i=0:2] 'boots-%s.txt' index 0 using (place(%u, i) + beside($1)):"
		"(beyond(column(i + 4), i, %u)) with points pt 9 %s, \\\n",
		cell->name, number, cell->pool->bins, style);
}

static char *points(void *ctx, const struct drawing *drawing)
{
	char *list = talloc_strdup(ctx, "");
	bool beyond = false;
	unsigned count = 0;

	for (struct cell *const *cell = drawing->cells; *cell; cell++)
		if (figure_shows(drawing->figure, *cell)) {
			list = talloc_strdup_append(
				list, cell_points(ctx, drawing, *cell, ++count));
			beyond = beyond || is_beyond(*cell);
		}
	return talloc_asprintf_append(list,
		"\tfor [i=0:3] keyentry with points pt shape(i) lc rgb 'black' title name(i), \\\n"
		"%s"
		"\tkeyentry with lines lw 2 lc rgb 'black' title \"median boot\"\n",
		beyond ? "\tkeyentry with points pt 9 lc rgb 'black' title \"beyond the "
			 "histogram\", \\\n"
		       : "");
}

static char *script(void *ctx, const struct drawing *drawing)
{
	struct names names = measure_names(drawing);

	return talloc_asprintf(ctx,
		"%s%s%s%s%s"
		"plot \\\n%s"
		"%s",
		drawing_head(ctx, drawing), drawing_warning(ctx, drawing), words,
		x_axis(ctx, drawing, &names), y_range(ctx, drawing), points(ctx, drawing),
		drawing_outputs(ctx, drawing, names.lines, "replot"));
}

/* --- in words ----------------------------------------------------------------------------- */

static bool shows_all(const struct cell *cell)
{
	(void)cell;
	return true;
}

/* "p99 from 8 to 12 us" */
static char *range_words(void *ctx, const struct cell *cell, unsigned i)
{
	double known, *values = over_boots_values(ctx, cell, i, &known);
	double low, high;

	if (!values)
		return talloc_asprintf(ctx, "%s that not every boot can tell", quantiles[i].name);
	low = high = values[0];
	for (unsigned b = 1; b < cell->boot_count; b++) {
		low = fmin(low, values[b]);
		high = fmax(high, values[b]);
	}
	return talloc_asprintf(ctx, "%s from %s to %s us", quantiles[i].name,
		stated_number(ctx, low, known), stated_number(ctx, high, known));
}

static char *tell(void *ctx, const struct cell *cell)
{
	char *text = talloc_asprintf(
		ctx, "%s (%s), %u boots: ", figure_label(ctx, cell), cell->name, cell->boot_count);
	int64_t low = cell->boots[0].pool->threads->max_us;

	for (unsigned i = 0; i < DRAWN_COUNT; i++)
		text = talloc_asprintf_append(text, "%s, ", range_words(ctx, cell, drawn[i]));
	for (unsigned b = 1; b < cell->boot_count; b++)
		if (cell->boots[b].pool->threads->max_us < low)
			low = cell->boots[b].pool->threads->max_us;
	return talloc_asprintf_append(
		text, "the largest from %ld to %ld us", low, cell->pool->threads->max_us);
}

const struct figure_kind figure_boots = {
	.suffix = "-boots",
	.title = ": boot by boot",
	.words = "Each boot's median, p99, p99.9 and largest latency as a point, with a "
		 "logarithmic axis; the bar is the median boot",
	.shows = shows_all,
	.script = script,
	.write = write_data,
	.tell = tell,
};

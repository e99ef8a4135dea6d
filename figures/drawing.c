/* SPDX-License-Identifier: MIT */
#include "figures/drawing.h"

#include <math.h>
#include <string.h>
#include <talloc.h>

#include "figures/figure.h"

/* Okabe and Ito's colours without the yellow; eight hosts can be told apart. */
static const char *const colours[] = {
	"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000", "#666666"};
#define COLOUR_COUNT (sizeof(colours) / sizeof(*colours))

/* Besides N, boots and what lies beyond there is room in a key for so many. */
#define LABEL_CHARACTERS 44

/* Sizes of a picture whose key has no line, and of a line. */
static const struct format {
	const char *name, *terminal, *font;
	double width, height, line;
	const char *unit;
} formats[] = {
	{"eps", "epscairo color", "Sans,10", 12, 6.6, 0.42, "cm"},
	{"pdf", "pdfcairo", "Sans,10", 12, 6.6, 0.42, "cm"},
	{"svg", "svg dynamic background 'white'", "sans-serif,14", 800, 440, 20, ""},
	{"png", "pngcairo", "Sans,16", 1200, 670, 27, ""},
};
#define FORMAT_COUNT (sizeof(formats) / sizeof(*formats))

/* Where a name stands in a list that has it. */
static unsigned position(char *const *names, const char *name)
{
	unsigned i = 0;

	while (strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *drawing_colour(const struct drawing *drawing, const struct cell *cell)
{
	return colours[position(drawing->figure->setups, cell->setup->name) % COLOUR_COUNT];
}

unsigned drawing_experiment(const struct drawing *drawing, const struct cell *cell)
{
	return position(drawing->figure->experiments, cell->experiment->name);
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

char *drawing_label(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	char *text = figure_label(ctx, cell);

	if (!label_is_shared(ctx, drawing, cell))
		return text;
	text = talloc_asprintf_append(text, ", %s", cell->name);
	return strlen(text) > LABEL_CHARACTERS ? talloc_strdup(ctx, cell->name) : text;
}

char *drawing_count(void *ctx, uint64_t count)
{
	if (count >= 1000000)
		return talloc_asprintf(ctx, "%.3g million", (double)count / 1e6);
	return talloc_asprintf(ctx, "%lu", count);
}

char *drawing_size(void *ctx, const struct cell *cell)
{
	return talloc_asprintf(ctx, "N = %s, %u boot%s",
		drawing_count(ctx, histogram_samples(cell->pool)), cell->boot_count,
		cell->boot_count == 1 ? "" : "s");
}

/* gnuplot's single quotes take everything but themselves. */
char *drawing_quoted(void *ctx, const char *text)
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
		"set label '%s (see the report): do not rank' at graph 0.5, 1.04 center noenhanced "
		"front tc rgb '#c00000'\n",
		words);
}

/* It stands above the curves: the key below them has its own words. */
char *drawing_warning(void *ctx, const struct drawing *drawing)
{
	double share = largest_share_missed(drawing);

	if (share > 0)
		return warning_label(ctx,
			talloc_asprintf(ctx, "up to %.2f %% of the wake-ups of a curve are missing",
				100 * share));
	return any_disturbed(drawing) ? warning_label(ctx, "the runs of a curve were disturbed")
				      : talloc_strdup(ctx, "");
}

char *drawing_head(void *ctx, const struct drawing *drawing)
{
	const struct figure *figure = drawing->figure;
	char *heading = talloc_asprintf(ctx, "%s (campaign %s)",
		*figure->title ? figure->title : figure->name, drawing->plan->name);

	return talloc_asprintf(ctx,
		"# Redraw with: gnuplot %s.gp\n"
		"set encoding utf8\n"
		"set terminal unknown\n"
		"heading = %s\n"
		"set title heading noenhanced\n"
		"set grid lt 1 lc rgb '#dddddd'\n"
		"set border 3\n"
		"set tics nomirror\n",
		drawing->name, drawing_quoted(ctx, heading));
}

static bool is_wanted(const struct plan *plan, const char *format)
{
	for (char *const *wanted = plan->output.formats; *wanted; wanted++)
		if (strcmp(*wanted, format) == 0)
			return true;
	return strcmp(format, "svg") == 0;
}

char *drawing_outputs(void *ctx, const struct drawing *drawing, unsigned lines, const char *again)
{
	char *text = talloc_strdup(ctx, "");

	for (const struct format *format = formats; format < formats + FORMAT_COUNT; format++)
		if (is_wanted(drawing->plan, format->name))
			text = talloc_asprintf_append(text,
				"set terminal %s size %g%s,%g%s font '%s'\nset output '%s.%s'\n%s\n",
				format->terminal, format->width, format->unit,
				format->height + lines * format->line, format->unit, format->font,
				drawing->name, format->name, again);
	return talloc_asprintf_append(text, "set output\n");
}

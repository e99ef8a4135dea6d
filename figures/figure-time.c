/* SPDX-License-Identifier: MIT */
/*
 * Latencies over the time of the runs: a heat map for each cell, of how many wake-ups a slice of
 * time has at which latency. Logs of samples told of slices; where there is none each run is one.
 */
#include <math.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "figures/figure-kind.h"
#include "figures/figure.h"

/* The latency axis is the logarithm to base 10, which images do not take by themselves. Of each
 * decade so many pixels; the pixels below 1 us are 0 us. */
#define DECADE_PIXELS 24
#define BELOW_PIXELS 16
#define LOWEST (-(double)BELOW_PIXELS / DECADE_PIXELS)

/* A panel more makes the picture so many lines of a key higher. */
#define PANEL_LINES 11

static bool has_logs(const struct cell *cell)
{
	for (unsigned r = 0; r < cell->run_count; r++)
		if (cell->runs[r].slices)
			return true;
	return false;
}

/* Slices of a log and runs as a whole are of different lengths: a map has one kind. */
static const struct slices *slices_of(const struct cell *cell, unsigned run)
{
	return has_logs(cell) ? cell->runs[run].slices : cell->runs[run].whole;
}

/* One slice is no course of time. */
static bool shows(const struct cell *cell)
{
	return has_logs(cell) || cell->run_count > 1;
}

static double slice_seconds(const struct cell *cell, const struct slices *slices)
{
	return (double)slices->wakeups * (double)cell->experiment->cyclictest.interval_us / 1e6;
}

/* --- the data ----------------------------------------------------------------------------- */

/* Where one of the cell's runs stands in its data: runs follow each other. */
struct part {
	const struct slices *slices; /* NULL behind the last */
	double begin, seconds;       /* of the run and of a slice of it */
	unsigned run;
};

static struct part next_part(const struct cell *cell, struct part part)
{
	if (part.slices)
		part.begin += part.seconds * part.slices->count;
	part.slices = NULL;
	while (part.run < cell->run_count && !part.slices)
		part.slices = slices_of(cell, part.run++);
	if (part.slices)
		part.seconds = slice_seconds(cell, part.slices);
	return part;
}

static struct part first_part(const struct cell *cell)
{
	return next_part(cell, (struct part){0});
}

static double middle(const struct part *part, unsigned slice)
{
	return part->begin + (slice + 0.5) * part->seconds;
}

/* Pixels that are needed for the latest bin of any run. */
static unsigned count_pixels(const struct cell *cell)
{
	double latest = 1;

	for (struct part part = first_part(cell); part.slices; part = next_part(cell, part))
		latest = fmax(latest, (double)part.slices->edges_us[part.slices->bin_count]);
	return BELOW_PIXELS + (unsigned)ceil(log10(latest) * DECADE_PIXELS);
}

/* One slice: the count of the bin that each pixel's latency falls into, "nan" for none. */
static char *add_column(
	char *text, const struct part *part, unsigned slice, unsigned pixels, double time)
{
	const struct slices *slices = part->slices;
	unsigned bin = 0;

	for (unsigned pixel = 0; pixel < pixels; pixel++) {
		double place = LOWEST + (pixel + 0.5) / DECADE_PIXELS;
		while (bin < slices->bin_count &&
			pow(10, place) >= (double)slices->edges_us[bin + 1])
			bin++;
		uint64_t count = bin < slices->bin_count ? slices->list[slice].counts[bin] : 0;
		text = talloc_asprintf_append_buffer(text, "%.9g %.5f ", time, place);
		text = count > 0 ? talloc_asprintf_append_buffer(text, "%lu\n", count)
				 : talloc_strdup_append_buffer(text, "nan\n");
	}
	return text;
}

static char *add_map(char *text, const struct cell *cell)
{
	unsigned pixels = count_pixels(cell);

	for (struct part part = first_part(cell); part.slices; part = next_part(cell, part))
		for (unsigned s = 0; s < part.slices->count; s++)
			text = add_column(text, &part, s, pixels, middle(&part, s));
	return text;
}

static char *add_latency(char *text, int64_t latency)
{
	return latency < 0 ? talloc_strdup_append_buffer(text, " nan")
			   : talloc_asprintf_append_buffer(text, " %ld", latency);
}

/* A run's line ends with the run. */
static char *add_lines(char *text, const struct cell *cell)
{
	for (struct part part = first_part(cell); part.slices; part = next_part(cell, part)) {
		for (unsigned s = 0; s < part.slices->count; s++) {
			const struct slice *slice = &part.slices->list[s];
			text = talloc_asprintf_append_buffer(
				text, "%.9g %lu", middle(&part, s), slice->wakeups);
			for (unsigned i = 0; i < SLICE_QUANTILE_COUNT; i++)
				text = add_latency(text, slice->quantiles[i]);
			text = add_latency(text, slice->max_us);
			text = talloc_strdup_append_buffer(text, "\n");
		}
		text = talloc_strdup_append_buffer(text, "\n");
	}
	return text;
}

static char *add_ends(char *text, const struct cell *cell)
{
	for (struct part part = first_part(cell); part.slices; part = next_part(cell, part))
		text = talloc_asprintf_append_buffer(
			text, "%.9g\n", part.begin + part.seconds * part.slices->count);
	return text;
}

static int write_data(const struct cell *cell, int campaign, struct err *err)
{
	char *path = talloc_asprintf(NULL, "figures/time-%s.txt", cell->name);
	char *text = talloc_asprintf(path,
		"# %s: latencies over time, run after run\n"
		"# time_s log10(latency_us) wake-ups: each slice of time by itself\n",
		cell->name);

	text = add_map(text, cell);
	text = talloc_strdup_append_buffer(
		text, "\n\n# time_s wake-ups p50_us p99_us p99.9_us largest_us\n");
	text = add_lines(text, cell);
	text = talloc_strdup_append_buffer(text, "\n# the ends of runs: time_s\n");
	text = add_ends(text, cell);
	int r = file_replace(campaign, path, text, strlen(text), 0644, err);
	talloc_free(path);
	return r;
}

/* --- the axes, which are those of all figures of the campaign ------------------------------ */

struct extent {
	double seconds;
	unsigned pixels;
	uint64_t most; /* wake-ups of a slice at one latency */
};

static uint64_t most_wakeups(const struct slices *slices)
{
	uint64_t most = 1;

	for (unsigned s = 0; s < slices->count; s++)
		for (unsigned b = 0; b < slices->bin_count; b++)
			if (slices->list[s].counts[b] > most)
				most = slices->list[s].counts[b];
	return most;
}

static struct extent measure(const struct drawing *drawing)
{
	struct extent extent = {0, BELOW_PIXELS, 2};

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		if (!(*cell)->pool || !shows(*cell))
			continue;
		for (struct part part = first_part(*cell); part.slices;
			part = next_part(*cell, part)) {
			uint64_t most = most_wakeups(part.slices);
			double end = part.begin + part.seconds * part.slices->count;
			extent.seconds = fmax(extent.seconds, end);
			extent.most = most > extent.most ? most : extent.most;
		}
		unsigned pixels = count_pixels(*cell);
		extent.pixels = pixels > extent.pixels ? pixels : extent.pixels;
	}
	return extent;
}

static char *axes(void *ctx, const struct extent *extent)
{
	double highest = LOWEST + (double)extent->pixels / DECADE_PIXELS;
	char *names = talloc_asprintf(ctx, "\"0\" %.5f", LOWEST / 2);
	unsigned long us = 1;

	for (unsigned decade = 0; decade <= highest; decade++, us *= 10)
		names = talloc_asprintf_append(names, ", \"%lu\" %u", us, decade);
	return talloc_asprintf(ctx,
		"set xlabel \"time of measuring (s), run after run\"\n"
		"set xrange [0:%.9g]\n"
		"set ylabel \"latency (µs)\"\n"
		"set yrange [%.5f:%.5f]\n"
		"set ytics (%s)\n"
		"set cblabel \"wake-ups\"\n"
		"set logscale cb\n"
		"set format cb '10^{%%L}'\n"
		"set cbrange [1:%lu]\n",
		extent->seconds, LOWEST, highest, names, extent->most);
}

/* --- the script --------------------------------------------------------------------------- */

/* Viridis: even to the eye, in grey and to colour-blind people too. What has no wake-up is white.
 */
static const char words[] =
	"set palette defined (0 '#440154', 1 '#46327e', 2 '#365c8d', 3 '#277f8e', 4 '#1fa187', "
	"5 '#4ac16d', 6 '#a0da39', 7 '#fde725')\n"
	"set key below right horizontal samplen 2\n"
	"# 0 us is in the middle of what lies below 1.\n"
	"place(us) = us > 0 ? log10(us) : ";

static char *panel_title(void *ctx, const struct drawing *drawing, const struct cell *cell)
{
	const struct wakeups *wakeups = &cell->wakeups;
	char *text = talloc_asprintf(
		ctx, "%s (%s)", drawing_label(ctx, drawing, cell), drawing_size(ctx, cell));

	if (cell_misses(cell))
		text = talloc_asprintf_append(text, ", %.2f %% of the wake-ups are missing",
			100 * (double)wakeups->missed / (double)wakeups->expected);
	return drawing_quoted(ctx, text);
}

/* The names of the data and the titles, as gnuplot's arrays. */
static char *panels(void *ctx, const struct drawing *drawing, unsigned *ret_count)
{
	char *data = talloc_strdup(ctx, ""), *titles = talloc_strdup(ctx, "");
	unsigned count = 0;

	for (struct cell *const *cell = drawing->cells; *cell; cell++) {
		if (!figure_shows(drawing->figure, *cell) || !shows(*cell))
			continue;
		const char *comma = count++ > 0 ? ", " : "";
		data = talloc_asprintf_append(data, "%s'time-%s.txt'", comma, (*cell)->name);
		titles = talloc_asprintf_append(
			titles, "%s%s", comma, panel_title(ctx, drawing, *cell));
	}
	*ret_count = count;
	return talloc_asprintf(ctx,
		"array data[%u] = [%s]\n"
		"array titles[%u] = [%s]\n",
		count, data, count, titles);
}

static char *script(void *ctx, const struct drawing *drawing)
{
	struct extent extent = measure(drawing);
	unsigned count;
	char *arrays = panels(ctx, drawing, &count);

	return talloc_asprintf(ctx,
		"%s%s%s%.5f\n%s"
		"draw = 'set multiplot layout %u,1 title heading noenhanced; "
		"do for [i=1:%u] { set title titles[i] noenhanced; "
		"plot data[i] index 0 using 1:2:3 with image notitle, "
		"data[i] index 2 using 1:(%.5f):(0):(10) with vectors nohead lc rgb \"#888888\" notitle, "
		"data[i] index 1 using 1:(place($3)) with lines lw 1.5 lc rgb \"black\" title \"p50\", "
		"data[i] index 1 using 1:(place($5)) with lines lw 1.5 lc rgb \"#d55e00\" "
		"title \"p99.9\" }; "
		"unset multiplot'\n"
		"%s",
		drawing_head(ctx, drawing), axes(ctx, &extent), words, LOWEST / 2, arrays, count,
		count, LOWEST,
		drawing_outputs(ctx, drawing, PANEL_LINES * (count - 1), "eval draw"));
}

/* --- in words ----------------------------------------------------------------------------- */

struct told {
	int64_t low, high; /* of the slices' p99.9; -1 while none can tell */
	int64_t latest;
	double when;
	unsigned slices;
};

static void tell_slice(struct told *told, const struct slice *slice, double time)
{
	int64_t rare = slice->quantiles[SLICE_QUANTILE_COUNT - 1];

	told->slices++;
	if (rare >= 0 && (told->low < 0 || rare < told->low))
		told->low = rare;
	if (rare > told->high)
		told->high = rare;
	if (slice->max_us > told->latest) {
		told->latest = slice->max_us;
		told->when = time;
	}
}

static char *tell(void *ctx, const struct cell *cell)
{
	struct told told = {.low = -1, .high = -1, .latest = -1};

	for (struct part part = first_part(cell); part.slices; part = next_part(cell, part))
		for (unsigned s = 0; s < part.slices->count; s++)
			tell_slice(&told, &part.slices->list[s], middle(&part, s));
	char *rare = told.high < 0
			     ? talloc_strdup(ctx, "that so few wake-ups cannot tell")
			     : talloc_asprintf(ctx, "from %ld to %ld us", told.low, told.high);
	return talloc_asprintf(ctx,
		"%s (%s): %u slices of time, each with a p99.9 %s; the largest latency, %ld us, came "
		"about %.3g s after the beginning",
		figure_label(ctx, cell), cell->name, told.slices, rare, told.latest, told.when);
}

const struct figure_kind figure_time = {
	.suffix = "-time",
	.title = ": over time",
	.words = "How many wake-ups had which latency, slice of time by slice of time, with a "
		 "logarithmic axis and logarithmic colours; lines are p50 and p99.9",
	.shows = shows,
	.script = script,
	.write = write_data,
	.tell = tell,
};

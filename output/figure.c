/* SPDX-License-Identifier: MIT */
/*
 * The paper's figures: an empirical distribution for each cell, one figure for each hypervisor.
 * Colour tells the host, the line's pattern tells the guest.
 */
#include "output/figure.h"

#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"

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

static const char *figure_name(enum hypervisor hypervisor)
{
	return hypervisor == HYPERVISOR_XEN ? "xen" : "kvm";
}

static const char *kernel_word(const char *wanted)
{
	return strcmp(wanted, "rt") == 0 ? "RT" : strcmp(wanted, "nrt") == 0 ? "NRT" : wanted;
}

/* "NRT host, RT guest" */
static char *label(void *ctx, const struct cell *cell)
{
	const char *host = kernel_word(cell->setup->kernel.wanted);

	if (cell->place == PLACE_HOST)
		return talloc_asprintf(ctx, "%s %s", host,
			cell->setup->hypervisor == HYPERVISOR_XEN ? "dom0" : "host");
	return talloc_asprintf(
		ctx, "%s host, %s guest", host, kernel_word(cell->experiment->kernel.wanted));
}

static bool belongs(const struct cell *cell, enum hypervisor hypervisor)
{
	return cell->pool && cell->setup->hypervisor == hypervisor;
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

/* The same host kernel has the same colour in every hypervisor's figure. */
static unsigned host_number(const struct plan *plan, const struct setup *setup)
{
	unsigned number = 0;

	for (const struct setup *before = plan->setups; before < setup; before++)
		number += before->hypervisor == setup->hypervisor;
	return number;
}

static char *curve(void *ctx, const struct plan *plan, const struct cell *cell)
{
	unsigned host = host_number(plan, cell->setup);
	unsigned guest = (unsigned)(cell->experiment - plan->experiments);
	uint64_t out = beyond(cell, plan->output.x_max_us);
	char *title = talloc_asprintf(ctx, "%s (N = %s)", label(ctx, cell),
		short_count(ctx, histogram_samples(cell->pool)));

	if (out > 0)
		title = talloc_asprintf_append(title, ", %lu beyond", out);
	return talloc_asprintf(ctx,
		"\t'cdf-%s.txt' using 1:2 with lines lw 2 lc rgb '%s' dt %s title \"%s\"",
		cell->name, colours[host % COLOUR_COUNT], dashes[guest % DASH_COUNT], title);
}

static char *curves(
	void *ctx, const struct plan *plan, struct cell *const *cells, enum hypervisor hypervisor)
{
	char *list = talloc_strdup(ctx, "");

	for (; *cells; cells++)
		if (belongs(*cells, hypervisor))
			list = talloc_asprintf_append(
				list, "%s%s", *list ? ", \\\n" : "", curve(ctx, plan, *cells));
	return list;
}

static char *outputs(void *ctx, const struct plan *plan, const char *name)
{
	char *text = talloc_strdup(ctx, "");

	for (char **wanted = plan->output.formats; *wanted; wanted++)
		for (size_t i = 0; i < FORMAT_COUNT; i++)
			if (strcmp(formats[i].name, *wanted) == 0)
				text = talloc_asprintf_append(text,
					"set terminal %s\nset output 'figure-%s.%s'\nreplot\n",
					formats[i].terminal, name, formats[i].name);
	return text;
}

static char *script(
	void *ctx, const struct plan *plan, struct cell *const *cells, enum hypervisor hypervisor)
{
	const char *name = figure_name(hypervisor);

	return talloc_asprintf(ctx,
		"# Redraw with: gnuplot figure-%s.gp\n"
		"set encoding utf8\n"
		"set terminal unknown\n"
		"set title \"Latency, %s (campaign %s)\" noenhanced\n"
		"set xlabel \"latency (µs)\"\n"
		"set ylabel \"P(latency ≤ x)\"\n"
		"set xrange [0:%ld]\n"
		"set yrange [0:1.02]\n"
		"set grid lc rgb '#dddddd'\n"
		"set border 3\n"
		"set tics nomirror\n"
		"set key bottom right noenhanced samplen 3 spacing 1.2\n"
		"plot \\\n%s\n"
		"%s"
		"set output\n",
		name, hypervisor == HYPERVISOR_XEN ? "Xen" : "KVM", plan->name,
		plan->output.x_max_us, curves(ctx, plan, cells, hypervisor),
		outputs(ctx, plan, name));
}

/* The figure's folder is whole by itself: script and data side by side. */
static int copy_data(void *ctx, struct cell *const *cells, enum hypervisor hypervisor, int campaign,
	struct err *err)
{
	int r = 0;

	for (; r == 0 && *cells; cells++) {
		size_t size;
		char *text, *from = talloc_asprintf(ctx, "cdf/cdf-%s.txt", (*cells)->name);
		char *to = talloc_asprintf(ctx, "figures/cdf-%s.txt", (*cells)->name);
		if (!belongs(*cells, hypervisor))
			continue;
		r = file_read(ctx, campaign, from, (size_t)1 << 30, &text, &size, err);
		if (r == 0)
			r = file_replace(campaign, to, text, size, 0644, err);
	}
	return r;
}

static int run_gnuplot(void *ctx, const char *name, int campaign, struct err *err)
{
	char *folder = talloc_asprintf(ctx, "/proc/%d/fd/%d/figures", (int)getpid(), campaign);
	char *change = talloc_asprintf(ctx, "cd '%s'", folder);
	char *file = talloc_asprintf(ctx, "figure-%s.gp", name);
	const char *const argv[] = {"gnuplot", "-e", change, file, NULL};

	return spawn_read(ctx, argv, GNUPLOT_SECONDS, NULL, err);
}

static bool anything_measured(struct cell *const *cells, enum hypervisor hypervisor)
{
	for (; *cells; cells++)
		if (belongs(*cells, hypervisor))
			return true;
	return false;
}

int figure_draw(const struct plan *plan, struct cell *const *cells, enum hypervisor hypervisor,
	int campaign, struct err *err)
{
	const char *name = figure_name(hypervisor);

	if (!anything_measured(cells, hypervisor))
		return 0;
	void *ctx = talloc_new(NULL);
	char *text = script(ctx, plan, cells, hypervisor);
	char *path = talloc_asprintf(ctx, "figures/figure-%s.gp", name);
	int r = directory_make(campaign, "figures", err);
	if (r == 0)
		r = copy_data(ctx, cells, hypervisor, campaign, err);
	if (r == 0)
		r = file_replace(campaign, path, text, strlen(text), 0644, err);
	if (r == 0)
		r = run_gnuplot(ctx, name, campaign, err);
	talloc_free(ctx);
	return r;
}

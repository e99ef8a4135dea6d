/* SPDX-License-Identifier: MIT */
#include "figures/figure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "figures/figure-kind.h"
#include "figures/script-file.h"

#define GNUPLOT_SECONDS 120

const struct figure_kind *const figure_kinds[] = {
	&figure_cdf, &figure_ccdf, &figure_boots, &figure_time, NULL};

/* --- what a figure shows ------------------------------------------------------------------ */

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

static bool is_named(char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

bool figure_shows(const struct figure *figure, const struct cell *cell)
{
	return cell->pool && is_named(figure->setups, cell->setup->name) &&
	       is_named(figure->experiments, cell->experiment->name);
}

bool figure_kind_shows(
	const struct figure_kind *kind, const struct figure *figure, const struct cell *cell)
{
	return figure_shows(figure, cell) && kind->shows(cell);
}

bool figure_kind_shows_any(
	const struct figure_kind *kind, const struct figure *figure, struct cell *const *cells)
{
	for (; *cells; cells++)
		if (figure_kind_shows(kind, figure, *cells))
			return true;
	return false;
}

char *figure_kind_name(void *ctx, const struct figure_kind *kind, const struct figure *figure)
{
	return talloc_asprintf(ctx, "%s%s", figure->name, kind->suffix);
}

/* --- drawing it --------------------------------------------------------------------------- */

/* Half a picture is none, nor is one that was drawn before. */
static int remove_pictures(void *ctx, const struct drawing *drawing, struct err *err)
{
	static const char *const endings[] = {"eps", "pdf", "svg", "png"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(endings) / sizeof(*endings); i++)
		r = file_remove(drawing->campaign,
			talloc_asprintf(ctx, "figures/%s.%s", drawing->name, endings[i]), err);
	return r;
}

static int run_gnuplot(void *ctx, const struct drawing *drawing, struct err *why, struct err *err)
{
	char *script = talloc_asprintf(ctx, "%s.gp", drawing->name);
	const char *const argv[] = {"gnuplot", script, NULL};
	autoclose int folder =
		openat(drawing->campaign, "figures", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (folder < 0)
		return err_set(err, -errno, "figures: cannot be opened: %s", strerror(errno));
	return spawn_in(folder, argv, GNUPLOT_SECONDS, why) == 0
		       ? 0
		       : remove_pictures(ctx, drawing, err);
}

/* The figure's folder is whole by itself: script and data side by side. */
static int write_data(
	const struct figure_kind *kind, const struct drawing *drawing, struct err *err)
{
	int r = directory_make(drawing->campaign, "figures", err);

	for (struct cell *const *cell = drawing->cells; r == 0 && *cell; cell++)
		if (figure_kind_shows(kind, drawing->figure, *cell))
			r = kind->write(*cell, drawing->campaign, err);
	return r;
}

static int draw(void *ctx, const struct figure_kind *kind, const struct drawing *drawing,
	struct err *why, struct err *err)
{
	char *svg = talloc_asprintf(ctx, "figures/%s.svg", drawing->name);
	int r = write_data(kind, drawing, err);

	if (r == 0)
		r = script_write(drawing->campaign, drawing->name, kind->script(ctx, drawing), err);
	/* An edited script may draw no SVG of this name, and the page must not show an old one. */
	if (r == 0)
		r = file_remove(drawing->campaign, svg, err);
	return r == 0 ? run_gnuplot(ctx, drawing, why, err) : r;
}

int figure_draw(const struct figure_kind *kind, const struct plan *plan, struct cell *const *cells,
	const struct figure *figure, int campaign, struct err *ret_why, struct err *err)
{
	void *ctx = talloc_new(NULL);
	const struct drawing drawing = {.plan = plan,
		.figure = figure,
		.cells = cells,
		.campaign = campaign,
		.name = figure_kind_name(ctx, kind, figure)};
	int r = 0;

	*ret_why = (struct err){""};
	if (figure_kind_shows_any(kind, figure, cells))
		r = draw(ctx, kind, &drawing, ret_why, err);
	talloc_free(ctx);
	return r;
}

/* SPDX-License-Identifier: MIT */
#include "report/report.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "figures/figure.h"
#include "report/bundle.h"
#include "report/export.h"
#include "report/render.h"

static int write_cells(const struct report *report, struct err *err)
{
	int r = 0;

	for (struct cell **cell = report->cells; r == 0 && *cell; cell++)
		if ((*cell)->pool)
			r = cell_write_cdf(*cell, report->campaign, err);
	return r;
}

/* Counts the kinds that gnuplot could not draw: the report says so and stands without them. */
static int draw_figure(
	struct report *report, const struct figure *figure, int *undrawn, struct err *err)
{
	int r = 0;

	for (const struct figure_kind *const *kind = figure_kinds; r == 0 && *kind; kind++) {
		struct err why;
		r = figure_draw(
			*kind, report->plan, report->cells, figure, report->campaign, &why, err);
		if (r < 0 || !*why.text)
			continue;
		report_deviation(report, "figure %s could not be drawn: %s",
			figure_kind_name(report, *kind, figure), why.text);
		(*undrawn)++;
	}
	return r;
}

static int draw(struct report *report, int *undrawn, struct err *err)
{
	const struct plan *plan = report->plan;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < plan->figure_count; i++)
		r = draw_figure(report, &plan->figures[i], undrawn, err);
	return r;
}

static int write_file(
	const struct report *report, const char *path, const char *text, struct err *err)
{
	return file_replace(report->campaign, path, text, strlen(text), 0644, err);
}

int report_write(const struct plan *plan, int campaign, const char *const *notes, struct err *err)
{
	struct report *report = report_load(NULL, plan, campaign, notes);
	int undrawn = 0, r = write_cells(report, err);

	if (r == 0)
		r = draw(report, &undrawn, err);
	if (r == 0)
		r = write_file(report, "report.html", render_page(report, report), err);
	if (r == 0)
		r = export_write(report, err);
	/* The text stands only when all the others do. */
	if (r == 0)
		r = write_file(report, "report.txt", render_text(report, report), err);
	if (r == 0)
		r = bundle_write(report, err);
	talloc_free(report);
	return r == 0 ? undrawn : r;
}

char *report_latex(void *ctx, const struct plan *plan, int campaign)
{
	struct report *report = report_load(NULL, plan, campaign, NULL);
	char *latex = render_latex(ctx, report);

	talloc_free(report);
	return latex;
}

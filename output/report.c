/* SPDX-License-Identifier: MIT */
#include "output/report.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "output/bundle.h"
#include "output/export.h"
#include "output/figure.h"
#include "output/render.h"

static int write_cells(const struct report *report, struct err *err)
{
	int r = 0;

	for (struct cell **cell = report->cells; r == 0 && *cell; cell++)
		if ((*cell)->pool)
			r = cell_write_cdf(*cell, report->campaign, err);
	return r;
}

static int draw(const struct report *report, struct err *err)
{
	const struct plan *plan = report->plan;
	int r = 0;

	for (unsigned i = 0; r == 0 && i < plan->figure_count; i++)
		r = figure_draw(plan, report->cells, &plan->figures[i], report->campaign, err);
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
	int r = write_cells(report, err);

	if (r == 0)
		r = draw(report, err);
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
	return r;
}

char *report_latex(void *ctx, const struct plan *plan, int campaign)
{
	struct report *report = report_load(NULL, plan, campaign, NULL);
	char *latex = render_latex(ctx, report);

	talloc_free(report);
	return latex;
}

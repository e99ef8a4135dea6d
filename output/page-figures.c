/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "base/files.h"
#include "output/figure.h"
#include "output/page-parts.h"
#include "output/svg.h"

#define SVG_LIMIT ((size_t)64 << 20)

/* One of a figure's two drawings. */
struct drawn {
	const struct report *report;
	const struct figure *figure;
	char *name;       /* of its files in figures/ */
	char *title;      /* of what is drawn */
	const char *kind; /* how */
};

/* --- in words ---------------------------------------------------------------------------- */

static char *quantile_words(void *ctx, const struct cell *cell, double q)
{
	int64_t latency = quantile_of(cell->pool, q);

	return latency < 0 ? talloc_strdup(ctx, "a latency that so few cannot tell")
			   : talloc_asprintf(
				     ctx, "%s us", report_latency(ctx, latency, cell->pool->bins));
}

static char *curve_words(void *ctx, const struct cell *cell)
{
	return talloc_asprintf(ctx,
		"%s (%s): half of %lu wake-ups in %u boots within %s, 99.9 %% within %s, the "
		"largest after %ld us",
		figure_label(ctx, cell), cell->name, histogram_samples(cell->pool),
		cell->boot_count, quantile_words(ctx, cell, 0.5), quantile_words(ctx, cell, 0.999),
		cell->pool->threads->max_us);
}

static char *all_words(void *ctx, const struct drawn *drawn)
{
	char *text = talloc_asprintf(ctx, "%s.", drawn->kind);

	for (struct cell **cell = drawn->report->cells; *cell; cell++)
		if (figure_shows(drawn->figure, *cell))
			text = talloc_asprintf_append(text, " %s.", curve_words(ctx, *cell));
	return text;
}

static void list_words(struct markup *markup, const struct drawn *drawn)
{
	markup_open(markup, "details", NULL);
	markup_element(markup, "summary", "The curves in words");
	markup_open(markup, "ul", NULL);
	for (struct cell **cell = drawn->report->cells; *cell; cell++)
		if (figure_shows(drawn->figure, *cell))
			markup_element(markup, "li", curve_words(drawn->name, *cell));
	markup_close(markup);
	markup_close(markup);
}

/* --- the figure -------------------------------------------------------------------------- */

static void link_files(struct markup *markup, const struct drawn *drawn)
{
	static const char *const endings[] = {"eps", "pdf", "svg", "png", "gp"};

	markup_open(markup, "p", NULL);
	markup_text(markup, "Files:");
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		char *path = talloc_asprintf(drawn->name, "figures/%s.%s", drawn->name, endings[i]);
		if (!file_exists(drawn->report->campaign, path))
			continue;
		markup_text(markup, " ");
		markup_open(markup, "a", "href", path, NULL);
		markup_text(markup, "%s.%s", drawn->name, endings[i]);
		markup_close(markup);
	}
	markup_close(markup);
}

static void add_caption(struct markup *markup, const struct drawn *drawn)
{
	markup_open(markup, "figcaption", NULL);
	markup_element(markup, "strong", drawn->title);
	markup_text(markup, ". %s.", drawn->kind);
	list_words(markup, drawn);
	link_files(markup, drawn);
	markup_close(markup);
}

/* An edited script may draw no SVG of this name, or none that a page can take. */
static char *load_svg(const struct drawn *drawn, const char *prefix)
{
	char *path = talloc_asprintf(drawn->name, "figures/%s.svg", drawn->name), *bytes, *svg;
	size_t size;
	int r = file_read(
		drawn->name, drawn->report->campaign, path, SVG_LIMIT, &bytes, &size, NULL);

	if (r == 0)
		r = svg_inline(drawn->name, bytes, size, prefix, drawn->title,
			all_words(drawn->name, drawn), &svg, NULL);
	return r == 0 ? svg : NULL;
}

static void add_figure(struct markup *markup, const struct drawn *drawn, unsigned number)
{
	char *prefix = talloc_asprintf(drawn->name, "drawing-%u-", number);
	const char *svg = load_svg(drawn, prefix);

	markup_open(markup, "figure", NULL);
	if (svg) {
		markup_open(markup, "div", "class", "scroll card", "tabindex", "0", "role",
			"region", "aria-label", drawn->title, NULL);
		markup_raw(markup, svg);
		markup_close(markup);
	} else {
		markup_element(markup, "p", "There is no SVG of this figure to show here.");
	}
	add_caption(markup, drawn);
	markup_close(markup);
}

static bool anything_shown(const struct report *report, const struct figure *figure)
{
	for (struct cell **cell = report->cells; *cell; cell++)
		if (figure_shows(figure, *cell))
			return true;
	return false;
}

void page_figures(struct markup *markup, const struct report *report)
{
	static const char *const kinds[] = {
		"The share of wake-ups that were at most so late, P(latency \u2264 x)",
		"The share of wake-ups that were at least so late, P(latency \u2265 x), with a "
		"logarithmic axis; thin lines are single boots, the dot is the largest latency"};
	unsigned shown = 0;

	page_section(markup, "figures", "Figures");
	for (unsigned i = 0; i < 2 * report->plan->figure_count; i++) {
		const struct figure *figure = &report->plan->figures[i / 2];
		const char *title = *figure->title ? figure->title : figure->name;
		struct drawn drawn = {report, figure, NULL, NULL, kinds[i % 2]};
		if (!anything_shown(report, figure))
			continue;
		drawn.name =
			talloc_asprintf(markup, "%s%s", figure->name, i % 2 ? FIGURE_CCDF : "");
		drawn.title =
			talloc_asprintf(drawn.name, "%s%s", title, i % 2 ? ": rare latencies" : "");
		add_figure(markup, &drawn, i + 1);
		talloc_free(drawn.name);
		shown++;
	}
	if (shown == 0)
		markup_element(markup, "p", "Nothing was measured that a figure could show.");
	markup_close(markup);
}

/* SPDX-License-Identifier: MIT */
#include <talloc.h>

#include "base/files.h"
#include "figures/figure-kind.h"
#include "report/page-parts.h"
#include "report/svg.h"

#define SVG_LIMIT ((size_t)64 << 20)

/* A figure in one of its kinds. */
struct drawn {
	const struct report *report;
	const struct figure *figure;
	const struct figure_kind *kind;
	char *name;  /* of its files in figures/ */
	char *title; /* of what is drawn */
};

/* --- in words ---------------------------------------------------------------------------- */

static char *all_words(void *ctx, const struct drawn *drawn)
{
	char *text = talloc_asprintf(ctx, "%s.", drawn->kind->words);

	for (struct cell **cell = drawn->report->cells; *cell; cell++)
		if (figure_kind_shows(drawn->kind, drawn->figure, *cell))
			text = talloc_asprintf_append(text, " %s.", drawn->kind->tell(ctx, *cell));
	return text;
}

static void list_words(struct markup *markup, const struct drawn *drawn)
{
	markup_open(markup, "details", NULL);
	markup_element(markup, "summary", "The figure in words");
	markup_open(markup, "ul", NULL);
	for (struct cell **cell = drawn->report->cells; *cell; cell++)
		if (figure_kind_shows(drawn->kind, drawn->figure, *cell))
			markup_element(markup, "li", drawn->kind->tell(drawn->name, *cell));
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
	markup_text(markup, ". %s.", drawn->kind->words);
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

static void add_kind(struct markup *markup, const struct report *report,
	const struct figure *figure, const struct figure_kind *kind, unsigned number)
{
	struct drawn drawn = {report, figure, kind, figure_kind_name(markup, kind, figure), NULL};

	drawn.title = talloc_asprintf(
		drawn.name, "%s%s", *figure->title ? figure->title : figure->name, kind->title);
	add_figure(markup, &drawn, number);
	talloc_free(drawn.name);
}

void page_figures(struct markup *markup, const struct report *report)
{
	const struct plan *plan = report->plan;
	unsigned shown = 0;

	page_section(markup, "figures", "Figures");
	for (unsigned i = 0; i < plan->figure_count; i++)
		for (const struct figure_kind *const *kind = figure_kinds; *kind; kind++)
			if (figure_kind_shows_any(*kind, &plan->figures[i], report->cells))
				add_kind(markup, report, &plan->figures[i], *kind, ++shown);
	if (shown == 0)
		markup_element(markup, "p", "Nothing was measured that a figure could show.");
	markup_close(markup);
}

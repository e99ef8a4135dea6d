/* SPDX-License-Identifier: MIT */
/*
 * report.html: one file that needs nothing else, no program and no network.
 */
#include <talloc.h>

#include "report/page-parts.h"
#include "report/render.h"

void page_section(struct markup *markup, const char *id, const char *title)
{
	char *heading = talloc_asprintf(markup, "%s-heading", id);

	markup_open(markup, "section", "id", id, "aria-labelledby", heading, NULL);
	markup_open(markup, "h2", "id", heading, NULL);
	markup_text(markup, "%s", title);
	markup_close(markup);
	talloc_free(heading);
}

/* --- the head ----------------------------------------------------------------------------- */

static void add_meta(struct markup *markup, const char *name, const char *content)
{
	markup_open(markup, "meta", "name", name, "content", content, NULL);
	markup_close_void(markup);
}

static void add_head(struct markup *markup, const struct plan *plan)
{
	markup_open(markup, "head", NULL);
	markup_open(markup, "meta", "charset", "utf-8", NULL);
	markup_close_void(markup);
	/* Whatever slipped into a figure, the page loads and runs nothing. */
	markup_open(markup, "meta", "http-equiv", "Content-Security-Policy", "content",
		"default-src 'none'; style-src 'unsafe-inline'; img-src data:", NULL);
	markup_close_void(markup);
	add_meta(markup, "viewport", "width=device-width, initial-scale=1");
	add_meta(markup, "color-scheme", "light dark");
	add_meta(markup, "generator", "latcampaign " VERSION);
	markup_open(markup, "title", NULL);
	markup_text(markup, "Campaign %s: latencies", plan->name);
	markup_close(markup);
	markup_open(markup, "style", NULL);
	markup_raw(markup, page_style);
	markup_close(markup);
	markup_close(markup);
	markup_raw(markup, "\n");
}

static void add_link(struct markup *markup, const char *id, const char *title)
{
	char *address = talloc_asprintf(markup, "#%s", id);

	markup_open(markup, "li", NULL);
	markup_open(markup, "a", "href", address, NULL);
	markup_text(markup, "%s", title);
	markup_close(markup);
	markup_close(markup);
	talloc_free(address);
}

static void add_contents(struct markup *markup, const struct report *report)
{
	markup_open(markup, "nav", "aria-label", "Contents", NULL);
	markup_open(markup, "ul", NULL);
	add_link(markup, "outcome", "Outcome");
	add_link(markup, "deviations", "Deviations");
	add_link(markup, "figures", "Figures");
	for (unsigned i = 0; i < report->section_count; i++)
		add_link(markup, report->sections[i].id,
			render_prose(markup, report->sections[i].title));
	add_link(markup, "method", "How it was measured");
	add_link(markup, "again", "Do it again");
	markup_close(markup);
	markup_close(markup);
}

static void add_header(struct markup *markup, const struct plan *plan)
{
	markup_open(markup, "a", "class", "skip", "href", "#outcome", NULL);
	markup_text(markup, "Skip to the outcome");
	markup_close(markup);
	markup_open(markup, "header", NULL);
	markup_open(markup, "p", "class", "maker", NULL);
	markup_text(markup, "latcampaign: how late does this machine wake up?");
	markup_close(markup);
	markup_open(markup, "h1", NULL);
	markup_text(markup, "Campaign %s", plan->name);
	markup_close(markup);
	if (*plan->description)
		markup_element(markup, "p", plan->description);
	markup_close(markup);
}

/* --- the sections ------------------------------------------------------------------------- */

static void add_verdict(struct markup *markup, const struct report *report)
{
	unsigned passed = report->counts[OUTCOME_PASS], failed = report->counts[OUTCOME_FAIL];
	unsigned planned = report->plan->run_count, broken = planned - passed - failed;

	markup_open(markup, "p", "class", passed == planned ? "verdict good" : "verdict bad", NULL);
	if (broken > 0)
		markup_text(markup, "%u of %u runs did not end as asked.", broken, planned);
	else
		markup_text(markup, "All %u runs were %s.", planned,
			report->plan->imported ? "imported" : "measured as asked");
	if (failed > 0)
		markup_text(markup, " %u of them exceeded a threshold.", failed);
	markup_close(markup);
}

static void add_outcome(struct markup *markup, const struct report *report)
{
	page_section(markup, "outcome", "Outcome");
	add_verdict(markup, report);
	markup_element(markup, "p", report->outcome);
	if (*report->origin)
		markup_element(markup, "p", report->origin);
	markup_close(markup);
}

static void add_deviations(struct markup *markup, const struct report *report)
{
	page_section(markup, "deviations", "Deviations");
	if (!*report->deviations)
		markup_element(markup, "p", "None.");
	else
		markup_open(markup, "ul", NULL);
	for (char **deviation = report->deviations; *deviation; deviation++)
		markup_element(markup, "li", *deviation);
	if (*report->deviations)
		markup_close(markup);
	markup_close(markup);
}

static void add_section(struct markup *markup, const struct section *section)
{
	char *title = render_prose(markup, section->title);

	page_section(markup, section->id, title);
	if (*section->explanation)
		markup_element(markup, "p", render_prose(title, section->explanation));
	page_table(markup, section->table, title);
	markup_close(markup);
	talloc_free(title);
}

static void add_method(struct markup *markup, const struct report *report)
{
	char **sentences = method_sentences(markup, report->plan);

	page_section(markup, "method", "How it was measured");
	for (char **sentence = sentences; *sentence; sentence++)
		markup_element(markup, "p", render_prose(markup, *sentence));
	markup_close(markup);
	page_section(markup, "again", "Do it again");
	markup_open(markup, "p", NULL);
	markup_text(markup, "In the campaign's directory, in which this page stands:");
	markup_close(markup);
	markup_open(markup, "pre", "tabindex", "0", NULL);
	markup_element(markup, "code", method_commands(markup, report));
	markup_close(markup);
	markup_close(markup);
}

static void add_footer(struct markup *markup)
{
	markup_open(markup, "footer", NULL);
	markup_open(markup, "p", NULL);
	markup_text(markup, "Made by latcampaign " VERSION ". Beside this page stand ");
	for (const char *const *path = (const char *const[]){"report.txt", "export/results.csv",
		     "export/report.json", "SHA256SUMS", NULL};
		*path; path++) {
		markup_open(markup, "a", "href", *path, NULL);
		markup_text(markup, "%s", *path);
		markup_close(markup);
		markup_text(markup, ", ");
	}
	markup_text(markup, "and every run in runs/.");
	markup_close(markup);
	markup_close(markup);
}

char *render_page(void *ctx, const struct report *report)
{
	struct markup *markup = markup_new(ctx, "<!DOCTYPE html>\n");

	markup_open(markup, "html", "lang", "en", NULL);
	add_head(markup, report->plan);
	markup_open(markup, "body", NULL);
	add_header(markup, report->plan);
	add_contents(markup, report);
	markup_open(markup, "main", NULL);
	add_outcome(markup, report);
	add_deviations(markup, report);
	page_figures(markup, report);
	for (unsigned i = 0; i < report->section_count; i++)
		add_section(markup, &report->sections[i]);
	add_method(markup, report);
	markup_close(markup);
	add_footer(markup);
	markup_close(markup);
	markup_close(markup);
	return markup_end(ctx, markup);
}

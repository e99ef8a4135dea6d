/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <talloc.h>

#include "report/render.h"

char *render_prose(void *ctx, const char *text)
{
	char *page = talloc_strdup(ctx, "");

	for (const char *at = text; *at; at++) {
		bool begins = at == text || at[-1] == ' ' || at[-1] == '\n';
		if (begins && strncmp(at, "us", 2) == 0 && !isalnum((unsigned char)at[2])) {
			page = talloc_strdup_append_buffer(page, "µs");
			at++;
		} else {
			page = talloc_strndup_append_buffer(page, at, 1);
		}
	}
	*page = (char)toupper((unsigned char)*page);
	return page;
}

static char *heading(void *ctx, const struct report *report)
{
	const struct plan *plan = report->plan;
	char *text = talloc_asprintf(ctx, "Campaign %s%s%s\n\nOUTCOME\n  %s\n", plan->name,
		*plan->description ? ": " : "", plan->description, report->outcome);

	if (*report->origin)
		text = talloc_asprintf_append_buffer(text, "  %s\n", report->origin);
	text = talloc_strdup_append_buffer(text, "\nDEVIATIONS\n");
	for (char **deviation = report->deviations; *deviation; deviation++)
		text = talloc_asprintf_append_buffer(text, "  %s\n", *deviation);
	return *report->deviations ? text : talloc_strdup_append_buffer(text, "  none\n");
}

char *render_text(void *ctx, const struct report *report)
{
	char *text = heading(ctx, report);

	for (unsigned i = 0; i < report->section_count; i++) {
		char *section = report_section(ctx, &report->sections[i]);
		text = talloc_strdup_append_buffer(text, section);
		talloc_free(section);
	}
	return talloc_asprintf_append_buffer(text,
		"\n%s WITH latcampaign " VERSION
		"; runs/ holds every run, figures/ the figures, export/ the\n"
		"numbers for programs; report.html is this report as a page, with the figures.\n",
		report->plan->imported ? "IMPORTED" : "MEASURED");
}

char *render_latex(void *ctx, const struct report *report)
{
	char *latex = talloc_asprintf(ctx,
		"%% Tables of campaign %s, made by latcampaign " VERSION
		"; they need \\usepackage{booktabs}.\n",
		report->plan->name);

	for (unsigned i = 0; i < report->section_count; i++) {
		const struct section *section = &report->sections[i];
		if (!section->in_paper)
			continue;
		char *table = table_latex(ctx, section->table, render_prose(ctx, section->title),
			render_prose(ctx, section->explanation), section->id);
		latex = talloc_asprintf_append_buffer(latex, "\n%s", table);
	}
	return latex;
}

/* SPDX-License-Identifier: MIT */
/*
 * The parts of report.html.
 */
#ifndef REPORT_PAGE_PARTS_H
#define REPORT_PAGE_PARTS_H

#include "report/markup.h"
#include "tables/report-parts.h"

/* page-style.c: the page's style sheet. */
extern const char page_style[];

/* table-html.c: a table in a box that scrolls by itself; `caption` is for who cannot see it. */
void page_table(struct markup *markup, const struct table *table, const char *caption);

/* page-figures.c: the plan's figures with their words. */
void page_figures(struct markup *markup, const struct report *report);

/* page.c: opens a section with its heading; markup_close() closes it. */
void page_section(struct markup *markup, const char *id, const char *title);

/* method.c: how it was measured, in sentences for a paper, NULL-terminated; method-again.c: the
 * commands that do it again, one a line. Talloc children of `ctx`. */
char **method_sentences(void *ctx, const struct plan *plan);
char *method_commands(void *ctx, const struct report *report);

#endif

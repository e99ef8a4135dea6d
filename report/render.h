/* SPDX-License-Identifier: MIT */
/*
 * Renderings of a report.
 */
#ifndef REPORT_RENDER_H
#define REPORT_RENDER_H

#include "tables/report-parts.h"

/* report.txt; a talloc child of `ctx`, as all of them are. */
char *render_text(void *ctx, const struct report *report);

/* The tables of a paper. */
char *render_latex(void *ctx, const struct report *report);

/* report.html, with the figures that stand in figures/. */
char *render_page(void *ctx, const struct report *report);

/* A sentence of report.txt for a page or a paper: it begins with a capital, and the word "us" is
 * a unit. */
char *render_prose(void *ctx, const char *text);

#endif

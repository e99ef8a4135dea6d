/* SPDX-License-Identifier: MIT */
/*
 * SVG files made part of an HTML page.
 */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stddef.h>

#include "base/err.h"

/*
 * The <svg> element of a file of `size` bytes for a place within HTML, as a talloc child of `ctx`:
 * its ids and what refers to them begin with `prefix`, so that several can stand in one page; it
 * is an image with this title and description; whatever could run, load something or style the
 * rest of the page is left out. -EBADMSG for what is no SVG.
 */
int svg_inline(void *ctx, const char *bytes, size_t size, const char *prefix, const char *title,
	const char *description, char **ret, struct err *err);

#endif

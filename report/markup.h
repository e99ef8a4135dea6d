/* SPDX-License-Identifier: MIT */
/*
 * HTML and XML as it is written: everything is escaped that does not come from markup_raw().
 */
#ifndef REPORT_MARKUP_H
#define REPORT_MARKUP_H

struct markup;

/* Begins a document, a talloc child of `ctx`. `prologue` stands in front as it is. */
struct markup *markup_new(void *ctx, const char *prologue);

/* Opens an element; names and values of its attributes follow, and NULL. */
void markup_open(struct markup *markup, const char *element, ...) __attribute__((sentinel));

/* Adds an attribute to the element that was opened last, before anything stands in it. */
void markup_attribute(struct markup *markup, const char *name, const char *value);

/* Closes the element that was opened last. One of HTML's void elements (meta, link) has to be
 * closed by markup_close_void(): HTML knows no <p/>, and no </meta>. */
void markup_close(struct markup *markup);
void markup_close_void(struct markup *markup);

/* Text in the open element. What XML cannot hold (control characters, torn UTF-8) becomes U+FFFD.
 */
void markup_text(struct markup *markup, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* An element with nothing but text; no attributes. */
void markup_element(struct markup *markup, const char *element, const char *text);

/* Markup that is known to be right. */
void markup_raw(struct markup *markup, const char *text);

/* All of it, as a talloc child of `ctx`; the markup is freed. */
char *markup_end(void *ctx, struct markup *markup);

#endif

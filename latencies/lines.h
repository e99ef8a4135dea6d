/* SPDX-License-Identifier: MIT */
/*
 * The lines of a tool's output, for the parsers of histograms.
 */
#ifndef LATENCIES_LINES_H
#define LATENCIES_LINES_H

#include <errno.h>
#include <stdint.h>

#include "base/err.h"

/* A copy of the output, walked through and cut up line by line. */
struct lines {
	char *rest;
	unsigned number; /* of the line that was returned last */
};

/* The next line without its end; NULL at the end, and for one that is torn: every tool ends every
 * line. */
char *lines_next(struct lines *lines);

/* -EBADMSG with a sentence that names the line. */
static inline int lines_damaged(const struct lines *lines, struct err *err, const char *what)
{
	err_set(err, -EBADMSG, "histogram.txt:%u: %s", lines->number, what);
	return -EBADMSG;
}

/* Reads up to `count` numbers with blanks between them; tells how many there were, or 0 when
 * something else stands there. */
unsigned lines_numbers(const char *text, uint64_t *numbers, unsigned count);

unsigned lines_words(const char *text);

#endif

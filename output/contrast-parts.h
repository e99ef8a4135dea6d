/* SPDX-License-Identifier: MIT */
/*
 * The parts of contrast() that stand in files of their own.
 */
#ifndef OUTPUT_CONTRAST_PARTS_H
#define OUTPUT_CONTRAST_PARTS_H

#include "output/report-parts.h"

/* The text grows in `text`, whose plan and results nobody looks at. */
struct two {
	struct report *text, *a, *b;
};

/* contrast-identity.c: what the plans ask differently, and what the runs found differently. */
void contrast_say_asked(const struct two *two);
void contrast_say_found(const struct two *two);

#endif

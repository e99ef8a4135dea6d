/* SPDX-License-Identifier: MIT */
#ifndef OUTPUT_HISTOGRAM_TEXT_H
#define OUTPUT_HISTOGRAM_TEXT_H

#include "output/histogram.h"

/* A histogram as cyclictest's -h prints it, which histogram_parse() reads back; a talloc child of
 * `ctx`. */
char *histogram_text(void *ctx, const struct histogram *histogram);

#endif

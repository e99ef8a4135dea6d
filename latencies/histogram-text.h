/* SPDX-License-Identifier: MIT */
#ifndef LATENCIES_HISTOGRAM_TEXT_H
#define LATENCIES_HISTOGRAM_TEXT_H

#include "latencies/histogram.h"

/* A histogram as cyclictest's -h prints it, which histogram_parse() reads back; a talloc child of
 * `ctx`. */
char *histogram_text(void *ctx, const struct histogram *histogram);

#endif

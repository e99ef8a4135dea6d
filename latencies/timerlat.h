/* SPDX-License-Identifier: MIT */
/*
 * The histogram of `rtla timerlat hist`, with buckets of one microsecond: for each CPU one column
 * of the timer's interrupt (IRQ-000) and one of the thread that it wakes (Thr-000). The thread is
 * what is measured; the others stay in the file.
 *
 *   # RTLA timerlat histogram
 *   # Time unit is microseconds (us)
 *   # Duration:   0 00:00:10
 *   Index   IRQ-000   Thr-000
 *   3             7         0      rows of zeros are left out unless --with-zeros
 *   over:         0         1      beyond the last bucket
 *   count:        7         8      over: counts too
 *   min:          3         5
 *   avg:          3         6
 *   max:          3      1204
 */
#ifndef LATENCIES_TIMERLAT_H
#define LATENCIES_TIMERLAT_H

#include "latencies/histogram.h"
#include "latencies/lines.h"

#define TIMERLAT_MARK "# RTLA timerlat histogram\n"

/* Fills an empty histogram; see histogram_parse(). */
int timerlat_parse(struct histogram *histogram, struct lines *lines, struct err *err);

#endif

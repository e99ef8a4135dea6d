/* SPDX-License-Identifier: MIT */
/*
 * What `cyclictest --json=FILE -h N` writes (rt-tests 2.x, rt-tests' src/lib/rt-utils.c and
 * cyclictest.c, write_stats): for each thread its histogram without empty bins, its cycles, min,
 * max and avg. It tells neither where the histogram ends nor the interval; wake-ups beyond the end
 * are the cycles that are in no bin.
 */
#ifndef LATENCIES_CYCLICTEST_JSON_H
#define LATENCIES_CYCLICTEST_JSON_H

#include <jansson.h>

#include "base/err.h"

/* The same as cyclictest prints it with -h (see histogram.h), a talloc child of `ctx`, with a
 * histogram of `bins` bins of one us. -EBADMSG with a sentence when it carries no histogram, one
 * that is wider, or numbers that do not agree. */
int cyclictest_json_text(
	void *ctx, const json_t *json, unsigned bins, char **ret_text, struct err *err);

/* {"release", "preempt_rt"} of the kernel that measured, as the file tells it (new reference); JSON
 * null when it does not. */
json_t *cyclictest_json_kernel(const json_t *json);

#endif

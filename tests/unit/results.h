/* SPDX-License-Identifier: MIT */
/*
 * Results for tests.
 */
#ifndef TESTS_UNIT_RESULTS_H
#define TESTS_UNIT_RESULTS_H

#include "tests/unit/unit.h"

#include "campaigns/imported.h"
#include "results/result.h"

/* Two threads, three bins, as cyclictest 2.4 prints it. */
static const char good[] = "# /dev/cpu_dma_latency set to 0us\n"
			   "# Histogram\n"
			   "000000 000000\t000001\n"
			   "000001 000005\t000002\n"
			   "000002 000003\t000000\n"
			   "# Total: 000000008 000000003\n"
			   "# Min Latencies: 00001 00000\n"
			   "# Avg Latencies: 00001 00000\n"
			   "# Max Latencies: 00002 00009\n"
			   "# Histogram Overflows: 00000 00002\n"
			   "# Histogram Overflow at cycle number:\n"
			   "# Thread 0:\n"
			   "# Thread 1: 00003 00004\n\n";

static inline void make_result(struct scratch *s, const char *id, const char *histogram,
	enum outcome outcome, const char *reason)
{
	json_t *json = json_pack(
		"{s:{s:s}, s:{s:s}}", "asked", "release", "6.1", "found", "release", "6.1");
	int directory;

	assert_int_equal(result_begin(s->fd, id, &directory, NULL), 0);
	if (histogram)
		assert_int_equal(
			file_write(directory, "histogram.txt", histogram, strlen(histogram), NULL),
			0);
	assert_int_equal(file_write(directory, "console.txt", "hello\n", 6, NULL), 0);
	close(directory);
	assert_int_equal(result_finish(s->fd, id, outcome, reason, json, NULL), 0);
	json_decref(json);
}

/* A campaign "theirs" with one run, "their-setup.theirs.1", that others measured as `good` says. */
static inline struct plan *make_imported(struct scratch *s)
{
	struct plan *plan = imported_plan(s->ctx, "theirs");
	const struct imported_cell cell = {"their-setup", "theirs",
		{.interval_us = 100000, .duration_s = 1, .threads = 2, .histogram_us = 3}};

	assert_int_equal(imported_add(plan, &cell, 1, NULL), 0);
	make_result(s, "their-setup.theirs.1", good, OUTCOME_PASS, "");
	return plan;
}

#endif

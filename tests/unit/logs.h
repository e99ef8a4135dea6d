/* SPDX-License-Identifier: MIT */
/*
 * Logs of samples for tests.
 */
#ifndef TESTS_UNIT_LOGS_H
#define TESTS_UNIT_LOGS_H

#include "tests/unit/results.h"

#include "latencies/samples.h"

/* In pieces of at most `piece` bytes, as they might come from a file. */
static inline int read_in_pieces(struct scratch *s, const char *text, unsigned bins,
	uint64_t wakeups, size_t piece, struct samples **ret, struct err *err)
{
	struct samples_reader *reader = samples_begin(s->ctx, "a.log", bins, wakeups);
	size_t size = strlen(text), at = 0, end = 0, used;
	int r = 0;

	while (r == 0 && end < size) {
		end = end + piece < size ? end + piece : size;
		r = samples_feed(reader, text + at, end - at, &used, err);
		at += used;
	}
	return r == 0 ? samples_end(s->ctx, reader, size - at, ret, err) : r;
}

static inline struct samples *read_pieces(
	struct scratch *s, const char *text, unsigned bins, uint64_t wakeups, size_t piece)
{
	struct samples *samples = NULL;
	struct err err = {""};

	if (read_in_pieces(s, text, bins, wakeups, piece, &samples, &err) != 0)
		fail_msg("%s", err.text);
	return samples;
}

static inline struct samples *read_log(
	struct scratch *s, const char *text, unsigned bins, uint64_t wakeups)
{
	return read_pieces(s, text, bins, wakeups, SIZE_MAX / 2);
}

#endif

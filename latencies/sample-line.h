/* SPDX-License-Identifier: MIT */
/*
 * One line of a log of samples, read with care and without hurry.
 */
#ifndef LATENCIES_SAMPLE_LINE_H
#define LATENCIES_SAMPLE_LINE_H

#include <stddef.h>
#include <stdint.h>

enum sample_form {
	SAMPLE_UNKNOWN,
	SAMPLE_CYCLES, /* "THREAD: CYCLE: LATENCY" */
	SAMPLE_PLAIN,  /* "LATENCY" */
	SAMPLE_NONE,   /* a comment, an empty line, or what cyclictest says besides */
};

struct sample {
	uint64_t thread, cycle; /* of SAMPLE_CYCLES */
	uint64_t latency_us;
};

/* Which form a line of `size` bytes, without its end, has; SAMPLE_UNKNOWN for one that has none.
 * Numbers have at most 18 digits. */
enum sample_form sample_line(const char *line, size_t size, struct sample *ret);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Logs of samples: a line for each wake-up, in the order in which they came. Two forms are known,
 * told apart by their first line:
 *
 *   THREAD: CYCLE: LATENCY   cyclictest -v (rt-tests' cyclictest.c, print_stat); each thread's
 *                            cycles follow each other without a gap
 *   LATENCY                  one number a line, of one thread
 *
 * in microseconds. What cyclictest prints around them, lines that begin with '#' and empty ones are
 * passed over. Logs may be larger than memory: they are read once, and kept as a histogram and
 * slices of time.
 */
#ifndef LATENCIES_SAMPLES_H
#define LATENCIES_SAMPLES_H

#include <stdbool.h>

#include "base/digest.h"
#include "latencies/histogram.h"
#include "latencies/slices.h"

struct samples {
	struct histogram *histogram; /* later ones than its end are overflows */
	struct slices *slices;
	uint64_t lines;              /* of the log */
	char sha256[DIGEST_HEX + 1]; /* of the file, when it came from one */
};

/* Does a file that begins with these bytes look like a log of samples? */
bool samples_look(const char *bytes, size_t size);

/* --- reading, piece by piece --------------------------------------------------------------- */

/* Reads one log; a talloc context. */
struct samples_reader;

/* Histograms of `bins` (at least 1) bins and slices of `wakeups` (at least 1) wake-ups of each
 * thread. `name` stands in sentences, and is not copied. */
struct samples_reader *samples_begin(void *ctx, const char *name, unsigned bins, uint64_t wakeups);

/* Takes all whole lines of `bytes` and tells in `ret_used` how many bytes they are; the rest has to
 * come again in front of the next piece. -EBADMSG with a sentence, "NAME:LINE: ...", for a line
 * that is damaged, missing or there twice. */
int samples_feed(struct samples_reader *reader, const char *bytes, size_t size, size_t *ret_used,
	struct err *err);

/* A talloc child of `ctx`. `rest` bytes of a line without an end are left: there must be none. */
int samples_end(void *ctx, struct samples_reader *reader, size_t rest, struct samples **ret,
	struct err *err);

/* --- a file -------------------------------------------------------------------------------- */

/* Reads a whole file (path below the directory descriptor `dir`) of any size. */
int samples_read(void *ctx, int dir, const char *path, unsigned bins, uint64_t wakeups,
	struct samples **ret, struct err *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Results on disk. A run is done if and only if runs/ID stands, complete and checksummed, at its
 * final name: it is written in runs/.ID.new, fsynced, renamed, and runs/ is fsynced.
 *
 *   runs/ID/run.json       what was asked and found, outcome and reason
 *   runs/ID/histogram.txt  the tool's own output (only with outcome PASS or FAIL)
 *   runs/ID/time.json      latencies over time, where the tool's output told of them (slices.h)
 *   runs/ID/console.txt    all that the guest printed
 *   runs/ID/SHA256SUMS     for `sha256sum -c`
 *   attempts/ID.N/         what a failed execution left, for a person to read
 */
#ifndef RESULTS_RESULT_H
#define RESULTS_RESULT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "latencies/slices.h"

enum outcome {
	OUTCOME_PASS,  /* measured */
	OUTCOME_FAIL,  /* measured, and a threshold of the campaign was exceeded */
	OUTCOME_ERROR, /* it broke at every attempt */
	OUTCOME_MISS,  /* its setup never came up */
	OUTCOME_SKIP,  /* not asked here */
	OUTCOME_COUNT,
};

const char *outcome_name(enum outcome outcome); /* "PASS", ... */

/* `campaign` is everywhere a descriptor of the campaign's directory. */

/* Makes an empty runs/.ID.new (whatever was left there is removed) and returns a descriptor of it
 * in `ret_directory`, to be closed by the caller. */
int result_begin(int campaign, const char *id, int *ret_directory, struct err *err);

/* Adds "outcome" and "reason" to `json`, writes run.json and SHA256SUMS (of every regular file
 * there) into runs/.ID.new, makes all of it durable and renames it to runs/ID. */
int result_finish(int campaign, const char *id, enum outcome outcome, const char *reason,
	json_t *json, struct err *err);

/* Moves runs/.ID.new to attempts/ID.N (N = attempt, from 1), with the reason in reason.txt. */
int result_put_aside(
	int campaign, const char *id, int attempt, const char *reason, struct err *err);

/* True when runs/ID stands with every checksum right. When it stands but is damaged, it is moved
 * to attempts/ID.damaged-N (the lowest free N) and false is returned, with the sentence in err.
 * One that cannot be read for another reason (EIO, no memory) is left alone, with the sentence in
 * err, and counts as done: a result is never measured again on a mere suspicion. */
bool result_is_done(int campaign, const char *id, struct err *err);

/* Reads histogram.txt of a result's directory as a talloc child of `ctx`; -EBADMSG when it is not
 * whole. */
int result_read_histogram(void *ctx, int directory, struct histogram **ret, struct err *err);

/* Writes time.json into a result's directory. */
int result_write_slices(int directory, const struct slices *slices, struct err *err);

struct result {
	enum outcome outcome;
	char *reason;                /* "" for PASS */
	json_t *json;                /* run.json; freed with the result */
	struct histogram *histogram; /* NULL unless PASS or FAIL */
	struct slices *slices;       /* NULL without time.json */
};

/* Loads a result that stands as a talloc child of `ctx`; -ENOENT when there is none. */
int result_load(void *ctx, int campaign, const char *id, struct result **ret, struct err *err);

#endif

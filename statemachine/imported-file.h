/* SPDX-License-Identifier: MIT */
/*
 * One FILE of `latcampaign import`: the output of a cyclictest that somebody ran.
 */
#ifndef STATEMACHINE_IMPORTED_FILE_H
#define STATEMACHINE_IMPORTED_FILE_H

#include <jansson.h>

#include "base/digest.h"
#include "campaigns/plan.h"
#include "latencies/histogram.h"
#include "latencies/slices.h"

struct imported_file {
	const char *path; /* as it was given */
	char sha256[DIGEST_HEX + 1];
	const char *format; /* "text", "json", "samples" */
	char *bytes;        /* the file as it is; NULL of samples */
	size_t size;
	char *text; /* what goes into histogram.txt: the same, if it is text */
	struct histogram *histogram;
	struct slices *slices; /* of samples; else NULL */
	json_t *kernel; /* what the file tells of the kernel; JSON null; freed with the file */
};

/* Reads it as a talloc child of `ctx`. `bins` is the histogram's width in us as the person says it,
 * 0 when not: JSON and logs of samples do not tell. Interval and duration are as `said`. -EBADMSG
 * or -EINVAL with a sentence that names the file. */
int imported_file_read(void *ctx, const char *path, int64_t bins, const struct cyclictest *said,
	struct imported_file **ret, struct err *err);

/* -EINVAL when it cannot have come of this interval and duration, or has other threads or another
 * width than asked. */
int imported_file_check(
	const struct imported_file *file, const struct cyclictest *said, struct err *err);

#endif

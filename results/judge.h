/* SPDX-License-Identifier: MIT */
/*
 * What a campaign expects of its runs (group "expect"), held against what one run has shown. Pure.
 */
#ifndef RESULTS_JUDGE_H
#define RESULTS_JUDGE_H

#include <jansson.h>

#include "campaigns/plan.h"
#include "results/result.h"

struct judgement {
	enum outcome outcome; /* PASS, or FAIL when a threshold is exceeded */
	char *reason;         /* each threshold that is exceeded, and what was seen; "" for PASS */
	/* For run.json, an object for each threshold and what it is about: "threshold", "of"
	 * ("p99.99"), "at_most_us", "seen_us" (null: too few wake-ups), "beyond" (seen_us is the
	 * histogram's end, and it was later), "verdict" ("kept", "exceeded", "not judged"), "why"
	 * (it was not judged). Freed with the judgement. */
	json_t *json;
};

/*
 * Judges by the run's raw histogram, all of its threads together; a talloc child of `ctx`. A
 * quantile that so few wake-ups cannot tell (quantile_of) is not judged, nor is one kept when more
 * than WAKEUPS_MISSED_LIMIT of the run's wake-ups are missing: those may have been late.
 */
struct judgement *judge_run(void *ctx, const struct plan *plan, const struct run *run,
	const struct histogram *histogram);

#endif

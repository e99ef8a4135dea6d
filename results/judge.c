/* SPDX-License-Identifier: MIT */
#include "results/judge.h"

#include <math.h>
#include <talloc.h>

#include "latencies/quantile.h"
#include "results/wakeups.h"

_Static_assert(THRESHOLD_MAX == QUANTILE_COUNT, "a threshold of each quantile, then the largest");

enum verdict { VERDICT_KEPT, VERDICT_EXCEEDED, VERDICT_NOT_JUDGED };

/* One latency that was expected, and what a run says to it. */
struct question {
	const struct threshold *threshold;
	enum threshold_of of;
	int64_t at_most_us;
	int64_t seen_us; /* -1: cannot be told */
	bool beyond;     /* the histogram: later than seen_us */
	enum verdict verdict;
	char *why; /* NULL unless it is not judged */
};

/* A run, and what there is to judge it by. */
struct judged_run {
	struct judgement *judgement;
	struct histogram *pool; /* the run's threads together */
	struct wakeups wakeups; /* likewise */
};

static void look(const struct judged_run *judged, struct question *question)
{
	const struct histogram *pool = judged->pool;

	if (question->of == THRESHOLD_MAX) {
		question->seen_us = pool->threads->max_us;
		return;
	}
	question->seen_us = quantile_of(pool, quantiles[question->of].q);
	question->beyond = question->seen_us >= (int64_t)pool->bins;
}

/* A wake-up that is missing was swallowed by a late one, which is in the histogram: what was seen
 * is too early, if anything, and the largest is right. */
static void decide(const struct judged_run *judged, struct question *question)
{
	const struct wakeups *wakeups = &judged->wakeups;

	if (question->seen_us < 0) {
		question->verdict = VERDICT_NOT_JUDGED;
		question->why = talloc_asprintf(judged->judgement,
			"%lu wake-ups are too few, it takes %.0f", histogram_samples(judged->pool),
			quantile_samples(quantiles[question->of].q));
	} else if (question->beyond || question->seen_us > question->at_most_us) {
		question->verdict = VERDICT_EXCEEDED;
	} else if (question->of != THRESHOLD_MAX && wakeups_miss(wakeups)) {
		question->verdict = VERDICT_NOT_JUDGED;
		question->why = talloc_asprintf(judged->judgement,
			"%.2f %% of the wake-ups are missing and may have been later",
			100 * (double)wakeups->missed / (double)wakeups->expected);
	}
}

static json_t *question_json(const struct question *question)
{
	static const char *const verdicts[] = {[VERDICT_KEPT] = "kept",
		[VERDICT_EXCEEDED] = "exceeded",
		[VERDICT_NOT_JUDGED] = "not judged"};
	json_t *json = json_pack("{s:s, s:s, s:I, s:b, s:s, s:s?}", "threshold",
		question->threshold->name, "of", threshold_of_name(question->of), "at_most_us",
		(json_int_t)question->at_most_us, "beyond", question->beyond, "verdict",
		verdicts[question->verdict], "why", question->why);

	json_object_set_new(json, "seen_us",
		question->seen_us < 0 ? json_null() : json_integer(question->seen_us));
	return json;
}

static void add_reason(struct judgement *judgement, const struct question *question)
{
	judgement->outcome = OUTCOME_FAIL;
	judgement->reason = talloc_asprintf_append(judgement->reason,
		"%sthreshold %s: %s is %ldus%s, expected was at most %ldus",
		*judgement->reason ? "; " : "", question->threshold->name,
		threshold_of_name(question->of), question->seen_us,
		question->beyond ? " or later" : "", question->at_most_us);
}

static void judge(const struct judged_run *judged, const struct threshold *threshold)
{
	for (enum threshold_of of = 0; of < THRESHOLD_COUNT; of++) {
		struct question question = {
			.threshold = threshold, .of = of, .at_most_us = threshold->at_most_us[of]};
		if (question.at_most_us == 0)
			continue;
		look(judged, &question);
		decide(judged, &question);
		json_array_append_new(judged->judgement->json, question_json(&question));
		if (question.verdict == VERDICT_EXCEEDED)
			add_reason(judged->judgement, &question);
	}
}

static int free_json(struct judgement *judgement)
{
	json_decref(judgement->json);
	return 0;
}

static struct wakeups all_wakeups(const struct cyclictest *asked, const struct histogram *histogram)
{
	struct wakeups all = {0, 0, 0};

	for (unsigned t = 0; t < histogram->thread_count; t++) {
		struct wakeups thread = wakeups_of(asked, &histogram->threads[t]);
		wakeups_add(&all, &thread);
	}
	return all;
}

struct judgement *judge_run(void *ctx, const struct plan *plan, const struct run *run,
	const struct histogram *histogram)
{
	const struct experiment *experiment = &plan->experiments[run->experiment];
	struct judgement *judgement = talloc_zero(ctx, struct judgement);
	struct judged_run judged = {judgement, histogram_new(judgement, histogram->bins),
		all_wakeups(&experiment->cyclictest, histogram)};

	judgement->outcome = OUTCOME_PASS;
	judgement->reason = talloc_strdup(judgement, "");
	judgement->json = json_array();
	talloc_set_destructor(judgement, free_json);
	histogram_add(judged.pool, histogram);
	for (unsigned i = 0; i < plan->threshold_count; i++)
		if (threshold_is_about(&plan->thresholds[i], &plan->setups[run->setup], experiment))
			judge(&judged, &plan->thresholds[i]);
	talloc_free(judged.pool);
	return judgement;
}

/* SPDX-License-Identifier: MIT */
/* plan.json, and record.json read against a plan; both behind their seals. */
#include <talloc.h>

#include "statemachine/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_plan(void *ctx, const json_t *json)
{
	struct plan *plan;

	if (plan_from_json(ctx, json, &plan, NULL) == 0) {
		json_decref(plan_to_json(plan));
		talloc_free(record_step_plan(ctx, plan));
	}
}

static void try_record(void *ctx, const json_t *json)
{
	static struct visit visit = {0, 1, 0, 1};
	static const struct plan plan = {
		.name = (char *)"n", .visits = &visit, .visit_count = 1, .run_count = 1};
	struct record *record;

	record_from_json(ctx, json, &plan, &record, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	void *ctx = talloc_new(NULL);

	if (json) {
		try_plan(ctx, json);
		try_record(ctx, json);
	}
	json_decref(json);
	talloc_free(ctx);
	return 0;
}

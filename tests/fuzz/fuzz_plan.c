/* SPDX-License-Identifier: MIT */
/* plan.json, and record.json read against a plan. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "statemachine/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_plan(void *ctx, const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	struct plan *plan;

	if (json && plan_from_json(ctx, json, &plan, NULL) == 0) {
		json_decref(plan_to_json(plan));
		talloc_free(record_step_plan(ctx, plan));
	}
	json_decref(json);
}

static void try_record(void *ctx, const uint8_t *data, size_t size)
{
	static struct visit visit = {0, 1, 0, 1};
	static const struct plan plan = {
		.name = (char *)"n", .visits = &visit, .visit_count = 1, .run_count = 1};
	char folder[] = "/tmp/latcampaign-fuzz-XXXXXX";
	struct record *record;

	if (!mkdtemp(folder))
		return;
	autoclose int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	file_write(directory, "record.json", (const char *)data, size, NULL);
	record_load(ctx, directory, &plan, &record, NULL);
	directory_remove(AT_FDCWD, folder, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);

	try_plan(ctx, data, size);
	try_record(ctx, data, size);
	talloc_free(ctx);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* build.json behind its seal, and a configuration that is compared with what was asked. */
#include <talloc.h>

#include "kernels/recipe-parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_build(void *ctx, const char *text, size_t size)
{
	json_t *json = json_loadb(text, size, 0, NULL);
	struct recipe_build build;

	if (json)
		recipe_build_from_json(ctx, json, "/folder", &build);
	json_decref(json);
}

static void try_config(void *ctx, const char *text)
{
	const struct option options[] = {{(char *)"CONFIG_A", (char *)"m", 0, 0},
		{(char *)"CONFIG_PREEMPT_RT", (char *)"y", 5, 3}, {0}};
	json_t *found = NULL;

	options_check(ctx, options, text, &found, NULL);
	json_decref(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size);

	try_build(ctx, (const char *)data, size);
	try_config(ctx, text);
	talloc_free(ctx);
	return 0;
}

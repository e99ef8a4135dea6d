/* SPDX-License-Identifier: MIT */
/* What `import` reads: cyclictest's JSON, which becomes a histogram that has to be whole. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "latencies/cyclictest-json.h"
#include "latencies/histogram.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *json = json_loadb((const char *)data, size, 0, NULL);
	void *ctx = talloc_new(NULL);
	struct histogram *histogram;
	struct err err = {""};
	char *text;

	if (json && cyclictest_json_text(ctx, json, 50, &text, &err) == 0)
		histogram_parse(ctx, text, strlen(text), &histogram, &err);
	json_decref(cyclictest_json_kernel(json));
	json_decref(json);
	talloc_free(ctx);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* Logs of samples. What is read in one piece, mostly fast, has to be what is read line by line,
 * with care; the histogram has to be whole, and slices have to come back from their JSON. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "latencies/histogram-text.h"
#include "latencies/samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BINS 50
#define WAKEUPS 40

/* Returns what was read as text, or the sentence. */
static char *read_log(void *ctx, const char *bytes, size_t size, size_t piece)
{
	struct samples_reader *reader = samples_begin(ctx, "log", BINS, WAKEUPS);
	struct samples *samples;
	struct err err = {""};
	size_t at = 0, used;
	int r = 0;

	for (size_t end = 0; r == 0 && end < size;) {
		end = end + piece < size ? end + piece : size;
		r = samples_feed(reader, bytes + at, end - at, &used, &err);
		at += used;
	}
	if (r == 0)
		r = samples_end(ctx, reader, size - at, &samples, &err);
	if (r < 0)
		return talloc_strdup(ctx, err.text);
	json_t *json = slices_to_json(samples->slices);
	struct slices *back;
	if (slices_from_json(ctx, json, &back, &err) != 0 || back->count != samples->slices->count)
		abort();
	char *dump = json_dumps(json, 0);
	char *text = talloc_asprintf(ctx, "%s%s", histogram_text(ctx, samples->histogram), dump);
	free(dump);
	json_decref(json);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *bytes = talloc_memdup(ctx, data, size);
	struct histogram *histogram;

	samples_look(bytes, size);
	char *whole = read_log(ctx, bytes, size, size + 1);
	char *pieces = read_log(ctx, bytes, size, 5);
	if (strcmp(whole, pieces) != 0)
		abort();
	if (strncmp(whole, "# Histogram", 11) == 0) {
		*strchr(whole, '{') = '\0';
		if (histogram_parse(ctx, whole, strlen(whole), &histogram, NULL) != 0)
			abort();
	}
	talloc_free(ctx);
	return 0;
}

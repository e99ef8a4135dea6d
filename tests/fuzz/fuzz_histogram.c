/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <talloc.h>

#include "latencies/histogram.h"
#include "statistics/statistics.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct histogram *histogram;

	if (histogram_parse(ctx, (const char *)data, size, &histogram, NULL) == 0) {
		struct histogram *pool = histogram_new(ctx, histogram->bins);
		histogram_add(pool, histogram);
		quantile_of(pool, 0.5);
	}
	talloc_free(ctx);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "statistics/stated.h"

#include <talloc.h>

char *stated_latency(void *ctx, int64_t latency, unsigned bins)
{
	if (latency < 0)
		return talloc_strdup(ctx, "-");
	return talloc_asprintf(ctx, "%s%ld", latency >= (int64_t)bins ? ">=" : "", latency);
}

char *stated_number(void *ctx, double value, double known)
{
	return talloc_asprintf(ctx, "%s%.4g", value > known ? ">=" : "", value);
}

char *stated_interval(void *ctx, const struct interval *interval, double known)
{
	return talloc_asprintf(ctx, "[%s, %s]", stated_number(ctx, interval->low, known),
		stated_number(ctx, interval->high, known));
}

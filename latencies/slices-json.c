/* SPDX-License-Identifier: MIT */
/*
 * { "unit": "us", "wakeups": 60000, "edges": [0, 1, ...],
 *   "slices": [ { "wakeups": 60000, "p50": 3, "p99": 9, "p99.9": null, "largest": 12,
 *                 "counts": [0, 17, ...] }, ... ] }
 *
 * Counts end with the last bin that has any.
 */
#include <errno.h>
#include <talloc.h>

#include "latencies/slices.h"

#define BINS_LIMIT 512

/* --- writing ------------------------------------------------------------------------------- */

static json_t *numbers(const uint64_t *list, unsigned count)
{
	json_t *json = json_array();

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(json, json_integer((json_int_t)list[i]));
	return json;
}

static json_t *slice_to_json(const struct slices *slices, const struct slice *slice)
{
	unsigned bins = slices->bin_count;

	while (bins > 0 && slice->counts[bins - 1] == 0)
		bins--;
	json_t *json = json_pack("{s:I, s:I, s:o}", "wakeups", (json_int_t)slice->wakeups,
		"largest", (json_int_t)slice->max_us, "counts", numbers(slice->counts, bins));
	for (unsigned i = 0; i < SLICE_QUANTILE_COUNT; i++)
		json_object_set_new(json, quantiles[slice_quantiles[i]].name,
			slice->quantiles[i] < 0 ? json_null() : json_integer(slice->quantiles[i]));
	return json;
}

json_t *slices_to_json(const struct slices *slices)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < slices->count; i++)
		json_array_append_new(list, slice_to_json(slices, &slices->list[i]));
	return json_pack("{s:s, s:I, s:o, s:o}", "unit", "us", "wakeups",
		(json_int_t)slices->wakeups, "edges",
		numbers(slices->edges_us, slices->bin_count + 1), "slices", list);
}

/* --- reading ------------------------------------------------------------------------------- */

static bool take_number(const json_t *json, json_int_t least, uint64_t *ret)
{
	if (!json_is_integer(json) || json_integer_value(json) < least)
		return false;
	*ret = (uint64_t)json_integer_value(json);
	return true;
}

/* null is a quantile that so few wake-ups cannot tell. */
static bool take_quantile(const json_t *json, int64_t *ret)
{
	uint64_t number;

	*ret = -1;
	if (json_is_null(json))
		return true;
	if (!take_number(json, 0, &number))
		return false;
	*ret = (int64_t)number;
	return true;
}

static bool take_edges(struct slices *slices, const json_t *edges)
{
	size_t count = json_array_size(edges);

	if (count < 2 || count > BINS_LIMIT + 1)
		return false;
	slices->bin_count = (unsigned)count - 1;
	slices->edges_us = talloc_zero_array(slices, uint64_t, (unsigned)count);
	for (size_t i = 0; i < count; i++)
		if (!take_number(json_array_get(edges, i), 0, &slices->edges_us[i]) ||
			(i > 0 && slices->edges_us[i] <= slices->edges_us[i - 1]))
			return false;
	return true;
}

static bool take_slice(struct slices *slices, struct slice *slice, const json_t *json)
{
	const json_t *counts = json_object_get(json, "counts");
	const json_t *max_us = json_object_get(json, "largest");

	if (!take_number(json_object_get(json, "wakeups"), 0, &slice->wakeups) ||
		!json_is_array(counts) || json_array_size(counts) > slices->bin_count ||
		!json_is_integer(max_us))
		return false;
	slice->max_us = json_integer_value(max_us);
	slice->counts = talloc_zero_array(slices, uint64_t, slices->bin_count);
	for (size_t i = 0; i < json_array_size(counts); i++)
		if (!take_number(json_array_get(counts, i), 0, &slice->counts[i]))
			return false;
	for (unsigned i = 0; i < SLICE_QUANTILE_COUNT; i++)
		if (!take_quantile(json_object_get(json, quantiles[slice_quantiles[i]].name),
			    &slice->quantiles[i]))
			return false;
	return true;
}

static bool take(struct slices *slices, const json_t *json)
{
	const json_t *list = json_object_get(json, "slices");
	size_t count = json_array_size(list);

	if (!take_number(json_object_get(json, "wakeups"), 1, &slices->wakeups) ||
		!take_edges(slices, json_object_get(json, "edges")) || count < 1 || count > SLICES)
		return false;
	slices->count = (unsigned)count;
	slices->list = talloc_zero_array(slices, struct slice, slices->count);
	for (unsigned i = 0; i < slices->count; i++)
		if (!take_slice(slices, &slices->list[i], json_array_get(list, i)))
			return false;
	return true;
}

int slices_from_json(void *ctx, const json_t *json, struct slices **ret, struct err *err)
{
	struct slices *slices = talloc_zero(ctx, struct slices);

	if (!take(slices, json)) {
		talloc_free(slices);
		return err_set(err, -EBADMSG, "its slices of time are damaged");
	}
	*ret = slices;
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "results/disturbance.h"

#include <string.h>

#define THROTTLED "_throttle_count"

static int64_t count_throttles(const json_t *counts)
{
	int64_t sum = 0;
	const char *name;
	const json_t *rise;

	json_object_foreach((json_t *)(uintptr_t)counts, name, rise)
	{
		const char *end = strstr(name, THROTTLED);
		if (end && !end[strlen(THROTTLED)])
			sum += json_integer_value(rise);
	}
	return sum;
}

static bool is_bare(const json_t *run)
{
	const char *hypervisor =
		json_string_value(json_object_get(json_object_get(run, "found"), "hypervisor"));

	return hypervisor && strcmp(hypervisor, "none") == 0;
}

void disturbance_add(struct disturbance *sum, const json_t *run)
{
	const json_t *change = json_object_get(json_object_get(run, "environment"), "change");
	int64_t throttles = count_throttles(json_object_get(change, "throttle_count"));
	double steal = json_number_value(json_object_get(change, "steal_s"));

	if (throttles > 0) {
		sum->throttled_runs++;
		sum->throttles += throttles;
	}
	if (steal > 0 && is_bare(run)) {
		sum->stolen_runs++;
		sum->steal_seconds += steal;
	}
	if (json_is_true(json_object_get(change, "clocksource")))
		sum->clock_runs++;
}

bool disturbance_any(const struct disturbance *disturbance)
{
	return disturbance->throttled_runs > 0 || disturbance->stolen_runs > 0 ||
	       disturbance->clock_runs > 0;
}

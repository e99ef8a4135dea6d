/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>

#include "evidence/environment.h"
#include "evidence/reading.h"

/* Two samples and what differs. */
struct comparing {
	const json_t *before, *after;
	struct reading change;
};

static const char *why_not(const json_t *sample, const char *member)
{
	return json_string_value(json_object_get(json_object_get(sample, "not_read"), member));
}

/* Both samples have the member; where one does not, the change is null for its reason. */
static bool both_have(struct comparing *comparing, const char *member, const json_t **ret_before,
	const json_t **ret_after)
{
	const json_t *before = json_object_get(comparing->before, member);
	const json_t *after = json_object_get(comparing->after, member);
	const json_t *without = json_is_null(before)  ? comparing->before
				: json_is_null(after) ? comparing->after
						      : NULL;

	*ret_before = before;
	*ret_after = after;
	if (without)
		reading_null(&comparing->change, member, "%s", why_not(without, member));
	return !without;
}

static void compare_number(struct comparing *comparing, const char *member)
{
	const json_t *before, *after;

	if (!both_have(comparing, member, &before, &after))
		return;
	json_object_set_new(comparing->change.json, member,
		json_is_integer(after)
			? json_integer(json_integer_value(after) - json_integer_value(before))
			: json_real(json_number_value(after) - json_number_value(before)));
}

/* A count of SMIs has 32 bits. */
static void compare_smi(struct comparing *comparing)
{
	const json_t *before, *after;

	if (both_have(comparing, "smi_count", &before, &after))
		json_object_set_new(comparing->change.json, "smi_count",
			json_integer((json_int_t)(uint32_t)(json_integer_value(after) -
							    json_integer_value(before))));
}

/* A CPU that went offline took its counts with it: that is no negative number of events. */
static void compare_throttling(struct comparing *comparing)
{
	const json_t *before, *after, *count;
	json_t *rises = json_object();
	const char *name;

	if (both_have(comparing, "throttle_count", &before, &after)) {
		json_object_foreach((json_t *)(uintptr_t)after, name, count)
		{
			json_int_t rise = json_integer_value(count) -
					  json_integer_value(json_object_get(before, name));
			json_object_set_new(rises, name, json_integer(rise > 0 ? rise : 0));
		}
		json_object_set(comparing->change.json, "throttle_count", rises);
	}
	json_decref(rises);
}

static const json_t *find_sensor(const json_t *all, const char *path)
{
	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *sensor = json_array_get(all, i);
		if (strcmp(json_string_value(json_object_get(sensor, "path")), path) == 0)
			return sensor;
	}
	return NULL;
}

static void compare_temperatures(struct comparing *comparing)
{
	const json_t *before, *after;

	if (!both_have(comparing, "temperatures", &before, &after))
		return;
	json_t *rises = json_array();
	for (size_t i = 0; i < json_array_size(after); i++) {
		const json_t *now = json_array_get(after, i);
		const char *path = json_string_value(json_object_get(now, "path"));
		const json_t *was = find_sensor(before, path);
		if (was)
			json_array_append_new(
				rises, json_pack("{s:s, s:O, s:f}", "path", path, "name",
					       json_object_get(now, "name"), "celsius",
					       json_number_value(json_object_get(now, "celsius")) -
						       json_number_value(
							       json_object_get(was, "celsius"))));
	}
	json_object_set_new(comparing->change.json, "temperatures", rises);
}

/* Lines that moved, in the order of /proc/interrupts. */
static void compare_interrupts(struct comparing *comparing)
{
	const json_t *before, *after, *line;
	const char *label;

	if (!both_have(comparing, "interrupts", &before, &after))
		return;
	json_t *moved = json_array();
	json_object_foreach((json_t *)(uintptr_t)after, label, line)
	{
		json_int_t count = json_integer_value(json_object_get(line, "count")) -
				   json_integer_value(json_object_get(
					   json_object_get(before, label), "count"));
		if (count != 0)
			json_array_append_new(
				moved, json_pack("{s:s, s:O, s:I}", "irq", label, "name",
					       json_object_get(line, "name"), "count", count));
	}
	json_object_set_new(comparing->change.json, "interrupts", moved);
}

static void compare_clocksource(struct comparing *comparing)
{
	const json_t *before, *after;

	if (both_have(comparing, "clocksource", &before, &after))
		json_object_set_new(comparing->change.json, "clocksource",
			json_boolean(!json_equal(before, after)));
}

json_t *environment_change(const json_t *before, const json_t *after)
{
	struct comparing comparing = {before, after, reading_begin(-1)};

	compare_temperatures(&comparing);
	compare_throttling(&comparing);
	compare_smi(&comparing);
	compare_clocksource(&comparing);
	compare_interrupts(&comparing);
	compare_number(&comparing, "context_switches");
	compare_number(&comparing, "steal_s");
	return comparing.change.json;
}

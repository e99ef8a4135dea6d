/* SPDX-License-Identifier: MIT */
#include "campaigns/override.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

static void set_scalar(config_setting_t *to, const config_setting_t *from)
{
	switch (config_setting_type(from)) {
	case CONFIG_TYPE_INT:
		config_setting_set_int(to, config_setting_get_int(from));
		return;
	case CONFIG_TYPE_INT64:
		config_setting_set_int64(to, config_setting_get_int64(from));
		return;
	case CONFIG_TYPE_FLOAT:
		config_setting_set_float(to, config_setting_get_float(from));
		return;
	case CONFIG_TYPE_BOOL:
		config_setting_set_bool(to, config_setting_get_bool(from));
		return;
	case CONFIG_TYPE_STRING:
		config_setting_set_string(to, config_setting_get_string(from));
		return;
	default:
		return;
	}
}

/* Copies a value, with all that is in it, as a new member or element of `parent`. */
static config_setting_t *copy_into(
	config_setting_t *parent, const char *name, const config_setting_t *from)
{
	config_setting_t *to = config_setting_add(parent, name, config_setting_type(from));

	if (!to)
		return NULL;
	if (!config_setting_is_aggregate(from))
		set_scalar(to, from);
	else
		for (int i = 0; i < config_setting_length(from); i++) {
			const config_setting_t *element =
				config_setting_get_elem(from, (unsigned)i);
			copy_into(to, config_setting_name(element), element);
		}
	return to;
}

/* VALUE as libconfig reads it; anything that it does not read as one value is a string. */
static config_setting_t *add_value(config_setting_t *parent, const char *name, const char *value)
{
	char *text = talloc_asprintf(NULL, "value = %s;", value);
	config_setting_t *to;
	config_t parsed;

	config_init(&parsed);
	if (strncmp(value, "@include", 8) != 0 && config_read_string(&parsed, text) &&
		config_setting_length(config_root_setting(&parsed)) == 1) {
		to = copy_into(parent, name, config_lookup(&parsed, "value"));
	} else {
		to = config_setting_add(parent, name, CONFIG_TYPE_STRING);
		if (to)
			config_setting_set_string(to, value);
	}
	config_destroy(&parsed);
	talloc_free(text);
	return to;
}

/* The group that the path's last name belongs to; groups on the way are made. */
static config_setting_t *walk(config_setting_t *group, char *path, const char **ret_last)
{
	char *rest, *name = strtok_r(path, ".", &rest), *next;

	for (; name && (next = strtok_r(NULL, ".", &rest)); name = next) {
		config_setting_t *below = config_setting_get_member(group, name);
		if (!below)
			below = config_setting_add(group, name, CONFIG_TYPE_GROUP);
		if (!below || !config_setting_is_group(below))
			return NULL;
		group = below;
	}
	*ret_last = name;
	return name ? group : NULL;
}

static bool put(config_t *config, char *path, const char *value, const char *text)
{
	const char *last = NULL;
	config_setting_t *group = walk(config_root_setting(config), path, &last);

	if (!group)
		return false;
	if (config_setting_get_member(group, last))
		config_setting_remove(group, last);
	config_setting_t *setting = add_value(group, last, value);
	if (setting)
		config_setting_set_hook(setting, (void *)(uintptr_t)text);
	return setting != NULL;
}

void override_apply(struct reader *reader, config_t *config, const char *text)
{
	const char *equals = strchr(text, '=');
	char *path = talloc_strndup(NULL, text, equals ? (size_t)(equals - text) : 0);

	if (!equals || !*path)
		complaints_add(reader->ctx, reader->complaints,
			"--set %s: has to be KEY=VALUE, such as defaults.duration=10s", text);
	else if (!put(config, path, equals + 1, text))
		complaints_add(reader->ctx, reader->complaints,
			"--set %s: there can be no such key; it is names joined by dots, such as "
			"experiments.rt.duration",
			text);
	talloc_free(path);
}

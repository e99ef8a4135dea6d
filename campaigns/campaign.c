/* SPDX-License-Identifier: MIT */
#include "campaigns/campaign.h"

#include <errno.h>
#include <libconfig.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "campaigns/expand.h"
#include "campaigns/keys.h"
#include "campaigns/override.h"
#include "campaigns/parts.h"
#include "campaigns/settings.h"

#define FILE_LIMIT (1 << 20)

/* --- reading ----------------------------------------------------------------------------- */

static void read_group(struct reader *reader, const config_t *config, const char *name,
	const struct key *keys, void *target)
{
	const config_setting_t *group = config_lookup(config, name);

	if (group && config_setting_is_group(group))
		keys_read(reader, group, keys, target);
}

/* "dir/paper.cfg" -> "paper" */
static void default_name(struct plan *plan, const char *path)
{
	const char *slash = strrchr(path, '/');

	plan->name = talloc_strdup(plan, slash ? slash + 1 : path);
	char *dot = strrchr(plan->name, '.');
	if (dot && strcmp(dot, ".cfg") == 0)
		*dot = '\0';
}

static void read_plan(struct reader *reader, struct plan *plan, const config_t *config)
{
	const config_setting_t *root = config_root_setting(config);
	const config_setting_t *name = config_lookup(config, "name");

	settings_default_plan(plan);
	default_name(plan, reader->path);
	keys_read(reader, root, plan_keys, plan);
	keys_check_name(reader, name, plan->name);
	read_group(reader, config, "limits", limits_keys, &plan->limits);
	read_group(reader, config, "output", output_keys, &plan->output);
	read_recipes(reader, plan, config_lookup(config, "kernels"));
	read_setups(reader, plan, config_lookup(config, "setups"));
	read_experiments(reader, plan, config);
	read_figures(reader, plan, config_lookup(config, "figures"));
	read_thresholds(reader, plan, config_lookup(config, "expect"));
}

/* --- the file ---------------------------------------------------------------------------- */

static bool is_readable_file(struct reader *reader)
{
	struct stat st;

	if (stat(reader->path, &st) < 0 || access(reader->path, R_OK) < 0)
		complaints_add(reader->ctx, reader->complaints, "%s: cannot be read: %s",
			reader->path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		complaints_add(reader->ctx, reader->complaints,
			"%s: is not a file; name the campaign's file", reader->path);
	else if (st.st_size > FILE_LIMIT)
		complaints_add(reader->ctx, reader->complaints,
			"%s: is larger than %d bytes, which no campaign is", reader->path,
			FILE_LIMIT);
	else
		return true;
	return false;
}

static const char *explain_syntax(const config_t *config)
{
	const char *text = config_error_text(config);

	if (strcmp(text, "duplicate setting name") == 0)
		return "this name stands here for the second time in its group; give each its own";
	if (strcmp(text, "syntax error") == 0)
		return "syntax error; a setting is NAME = VALUE; and strings stand in quotes (see "
		       "latcampaign.cfg(5))";
	if (strcmp(text, "cannot open include file") == 0)
		return "the file that is included here cannot be opened; its path is relative to "
		       "the campaign's folder";
	return text;
}

static bool parse_file(struct reader *reader, config_t *config)
{
	char *path = talloc_strdup(NULL, reader->path);

	config_set_include_dir(config, dirname(path));
	talloc_free(path);
	if (!is_readable_file(reader))
		return false;
	if (config_read_file(config, reader->path))
		return true;
	const char *file = config_error_file(config);
	complaints_add(reader->ctx, reader->complaints, "%s:%d: %s", file ? file : reader->path,
		config_error_line(config), explain_syntax(config));
	return false;
}

static bool is_listed(char *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* libconfig 1.5 calls the file as the campaign does, newer ones with the folder in front. */
static void keep_include(struct reader *reader, struct plan *plan, const char *file)
{
	char path[PATH_MAX], *beside = reader_path(reader, file);
	unsigned count = (unsigned)talloc_array_length(plan->includes);

	if ((!realpath(beside, path) && !realpath(file, path)) || is_listed(plan->includes, path))
		return;
	plan->includes = talloc_realloc(plan, plan->includes, char *, count + 1);
	plan->includes[count - 1] = talloc_strdup(plan->includes, path);
	plan->includes[count] = NULL;
}

/* libconfig tells of each setting where it stands, and only newer ones which files there were: a
 * file without a setting of its own is not found, and nothing rests on it. */
static void keep_includes(struct reader *reader, struct plan *plan, const config_setting_t *setting)
{
	const char *file = config_setting_source_file(setting);

	if (file && strcmp(file, reader->path) != 0)
		keep_include(reader, plan, file);
	for (int i = 0; config_setting_is_aggregate(setting) && i < config_setting_length(setting);
		i++)
		keep_includes(reader, plan, config_setting_get_elem(setting, (unsigned)i));
}

static void keep_overrides(struct plan *plan, const char *const *overrides)
{
	unsigned count = 0;

	while (overrides && overrides[count])
		count++;
	plan->overrides = talloc_zero_array(plan, char *, count + 1);
	for (unsigned i = 0; i < count; i++)
		plan->overrides[i] = talloc_strdup(plan->overrides, overrides[i]);
}

static void read_config(
	struct reader *reader, config_t *config, struct plan *plan, const char *const *overrides)
{
	plan->includes = talloc_zero_array(plan, char *, 1);
	keep_includes(reader, plan, config_root_setting(config));
	settings_add_known_setups(config);
	for (const char *const *override = overrides; override && *override; override++)
		override_apply(reader, config, *override);
	read_plan(reader, plan, config);
	keep_overrides(plan, overrides);
	if (reader->complaints->count == 0)
		expand_plan(reader, plan);
}

int campaign_read(void *ctx, const char *path, const char *const *overrides, struct plan **ret_plan,
	struct complaints *ret_complaints)
{
	struct plan *plan = talloc_zero(ctx, struct plan);
	struct complaints complaints = {0};
	struct reader reader = {plan, path, &complaints};
	config_t config;

	config_init(&config);
	if (parse_file(&reader, &config))
		read_config(&reader, &config, plan, overrides);
	config_destroy(&config);
	if (complaints.count == 0) {
		*ret_plan = plan;
		return 0;
	}
	talloc_steal(ctx, complaints.lines);
	*ret_complaints = complaints;
	talloc_free(plan);
	return -EINVAL;
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "campaigns/parts.h"
#include "campaigns/settings.h"

#define SHA256_HEX 64

char *reader_path(struct reader *reader, const char *name)
{
	char *directory = talloc_strdup(reader->ctx, reader->path);
	char *path = *name == '/' ? talloc_strdup(reader->ctx, name)
				  : talloc_asprintf(reader->ctx, "%s/%s", dirname(directory), name);

	talloc_free(directory);
	return path;
}

/* An absolute path may come with a package that is yet to be installed; one beside the campaign has
 * to be there. A bare name is a package. */
static char *resolve(struct reader *reader, const config_setting_t *group, const char *name)
{
	char *path = reader_path(reader, name), resolved[PATH_MAX];

	if (*name == '/')
		return path;
	if (!realpath(path, resolved)) {
		reader_complain(reader, group, "%s cannot be found: %s", path, strerror(errno));
		return path;
	}
	return talloc_strdup(reader->ctx, resolved);
}

static void check_sha256(struct reader *reader, const config_setting_t *group, const char *text)
{
	if (strlen(text) != SHA256_HEX || text[strspn(text, "0123456789abcdef")])
		reader_complain(reader, group,
			"\"%s\" is no SHA-256; it has to be 64 digits of 0-9 and a-f, as sha256sum "
			"prints them",
			text);
}

static void check_option(struct reader *reader, const config_setting_t *group, const char *option)
{
	size_t name =
		strspn(option, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

	if (strncmp(option, "CONFIG_", 7) != 0 || option[name] != '=' || !option[name + 1] ||
		strchr(option, '\n'))
		reader_complain(reader, group,
			"option \"%s\" has to be a line of a kernel's configuration, such as "
			"\"CONFIG_HZ_1000=y\" (=n leaves it out)",
			option);
	else if (strncmp(option, "CONFIG_PREEMPT_RT=", 18) == 0)
		reader_complain(
			reader, group, "option \"%s\": say rt = true or false instead", option);
}

static void finish_recipe(
	struct reader *reader, const config_setting_t *group, struct recipe *recipe)
{
	if (!*recipe->source)
		reader_complain(reader, group,
			"kernel %s has no source; it is the path of a tarball, a directory or a git "
			"tree, or a package such as \"linux-source-6.12\"",
			recipe->name);
	else if (strchr(recipe->source, '/'))
		recipe->source = resolve(reader, group, recipe->source);
	if (*recipe->source_sha256)
		check_sha256(reader, group, recipe->source_sha256);
	for (char **patch = recipe->patches; *patch; patch++)
		*patch = resolve(reader, group, *patch);
	for (char **sha256 = recipe->patches_sha256; *sha256; sha256++)
		check_sha256(reader, group, *sha256);
	if (*recipe->patches_sha256 &&
		words_count(recipe->patches_sha256) != words_count(recipe->patches))
		reader_complain(reader, group,
			"kernel %s has %u patches and %u patches_sha256; give one for each, or none",
			recipe->name, words_count(recipe->patches),
			words_count(recipe->patches_sha256));
	for (char **option = recipe->options; *option; option++)
		check_option(reader, group, *option);
	if (recipe->modules == RECIPE_MODULES_LOADED && recipe->base == RECIPE_GUEST)
		reader_complain(reader, group,
			"kernel %s is for guests, which load no modules; take modules out",
			recipe->name);
}

static void read_recipe(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	const char *name = config_setting_name(group);

	plan->recipes = talloc_realloc(plan, plan->recipes, struct recipe, plan->recipe_count + 1);
	struct recipe *recipe = &plan->recipes[plan->recipe_count++];
	settings_default_recipe(plan, recipe, name);
	if (strcmp(name, "rt") == 0 || strcmp(name, "nrt") == 0)
		reader_complain(reader, group,
			"kernel \"%s\" means the newest one installed; give yours another name",
			name);
	if (!keys_check_member(reader, group, "kernel"))
		return;
	keys_read(reader, group, recipe_keys, recipe);
	finish_recipe(reader, group, recipe);
}

void read_recipes(struct reader *reader, struct plan *plan, const config_setting_t *group)
{
	for (int i = 0; group && config_setting_is_group(group) && i < config_setting_length(group);
		i++)
		read_recipe(reader, plan, config_setting_get_elem(group, (unsigned)i));
}

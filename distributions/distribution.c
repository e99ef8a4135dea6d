/* SPDX-License-Identifier: MIT */
#include "distributions/distribution.h"

#include <errno.h>
#include <fcntl.h>
#include <libconfig.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "distributions/os-release.h"

#define OS_RELEASE_LIMIT ((size_t)64 << 10)
#define KERNEL_SOURCE "kernel-source:"

static char **strings(void *ctx, const config_setting_t *list)
{
	int count = list ? config_setting_length(list) : 0;
	char **array = talloc_zero_array(ctx, char *, (unsigned)count + 1);

	for (int i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(list, i);
		array[i] = talloc_strdup(array, text ? text : "");
	}
	return array;
}

static struct need *find_need(const struct distribution *distribution, const char *name)
{
	for (unsigned i = 0; i < distribution->need_count; i++)
		if (strcmp(distribution->needs[i].name, name) == 0)
			return &distribution->needs[i];
	return NULL;
}

/* Adds the entries of a group "packages", over those of the same name. */
static void add_packages(struct distribution *distribution, const config_setting_t *packages)
{
	int count = packages ? config_setting_length(packages) : 0;

	for (int i = 0; i < count; i++) {
		const config_setting_t *list = config_setting_get_elem(packages, (unsigned)i);
		struct need *need = find_need(distribution, config_setting_name(list));
		if (!need) {
			distribution->needs = talloc_realloc(distribution, distribution->needs,
				struct need, distribution->need_count + 1);
			need = &distribution->needs[distribution->need_count++];
			need->name = talloc_strdup(distribution, config_setting_name(list));
		}
		need->packages = strings(distribution, list);
	}
}

static void add_version(
	struct distribution *distribution, const config_setting_t *entry, const char *version)
{
	const config_setting_t *versions = config_setting_lookup((void *)entry, "versions");
	int count = versions ? config_setting_length(versions) : 0;

	for (int i = 0; i < count; i++) {
		const config_setting_t *one = config_setting_get_elem(versions, (unsigned)i);
		const char *name = NULL;
		if (config_setting_lookup_string(one, "version", &name) &&
			strcmp(name, version) == 0)
			add_packages(distribution, config_setting_lookup((void *)one, "packages"));
	}
}

static const config_setting_t *find_entry(const config_t *file, const char *id, size_t size)
{
	const config_setting_t *list = config_lookup(file, "distributions");
	int count = list ? config_setting_length(list) : 0;

	for (int i = 0; i < count; i++) {
		const config_setting_t *entry = config_setting_get_elem(list, (unsigned)i);
		const char *name = NULL;
		if (config_setting_lookup_string(entry, "name", &name) && strlen(name) == size &&
			strncmp(name, id, size) == 0)
			return entry;
	}
	return NULL;
}

/* By ID, else by the first word of ID_LIKE that is known. */
static const config_setting_t *find_relative(const config_t *file, const struct os_release *os)
{
	const config_setting_t *entry = find_entry(file, os->id, strlen(os->id));

	for (const char *word = os->like; !entry && *word;) {
		size_t size = strcspn(word, " ");
		entry = find_entry(file, word, size);
		word += size + strspn(word + size, " ");
	}
	return entry;
}

static int take(struct distribution *distribution, const config_setting_t *entry,
	const struct os_release *os, struct err *err)
{
	const char *name = "", *manager = "", *home = "";
	int sources = 0;

	config_setting_lookup_string(entry, "name", &name);
	config_setting_lookup_string(entry, "manager", &manager);
	config_setting_lookup_string(entry, "home", &home);
	config_setting_lookup_bool(entry, "kernel_sources", &sources);
	distribution->name = talloc_strdup(distribution, name);
	distribution->release = talloc_strdup(distribution, os->name);
	distribution->manager = package_manager_get(manager);
	distribution->home = home_keeper_get(home);
	distribution->menu = strings(distribution, config_setting_lookup((void *)entry, "menu"));
	distribution->kernel_sources = sources;
	add_packages(distribution, config_setting_lookup((void *)entry, "packages"));
	add_version(distribution, entry, os->version);
	if (!distribution->manager || !distribution->home || !*distribution->menu)
		return err_set(err, -EINVAL,
			"distributions.conf: %s: manager, home or menu is not one that latcampaign "
			"knows",
			name);
	return 0;
}

static int find_in(const char *path, struct distribution *distribution, const struct os_release *os,
	struct err *err)
{
	config_t file;
	int r;

	config_init(&file);
	const config_setting_t *entry =
		config_read_file(&file, path) ? find_relative(&file, os) : NULL;
	if (entry)
		r = take(distribution, entry, os, err);
	else if (config_error_type(&file) != CONFIG_ERR_NONE)
		r = err_set(err, -EINVAL, "%s:%d: %s", path, config_error_line(&file),
			config_error_text(&file));
	else
		r = err_set(err, -ENOTSUP,
			"%s has no entry in %s; add one, or install what `latcampaign check "
			"--machine` names by hand",
			os->name, path);
	config_destroy(&file);
	return r;
}

int distribution_find(void *ctx, int root, struct distribution **ret, struct err *err)
{
	struct distribution *distribution = talloc_zero(ctx, struct distribution);
	const char *datadir = getenv("LATCAMPAIGN_DATADIR");
	char *path =
		talloc_asprintf(distribution, "%s/distributions.conf", datadir ? datadir : DATADIR);
	char *text;
	int r = file_read(distribution, root, "etc/os-release", OS_RELEASE_LIMIT, &text, NULL, err);

	if (r == 0) {
		struct os_release os = os_release_parse(distribution, text);
		r = find_in(path, distribution, &os, err);
	}
	if (r == 0)
		*ret = distribution;
	else
		talloc_free(distribution);
	return r;
}

static char **one(struct distribution *distribution, const char *name)
{
	char **list = talloc_zero_array(distribution, char *, 2);

	list[0] = talloc_strdup(list, name);
	return list;
}

int distribution_packages(
	struct distribution *distribution, const char *need, char ***ret, struct err *err)
{
	const struct need *known = find_need(distribution, need);

	if (strncmp(need, KERNEL_SOURCE, strlen(KERNEL_SOURCE)) == 0 &&
		distribution->kernel_sources)
		*ret = one(distribution, need + strlen(KERNEL_SOURCE));
	else if (known && *known->packages)
		*ret = known->packages;
	else
		return err_set(
			err, -ENOENT, "%s has no package for %s", distribution->release, need);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The options that a kernel's configuration is asked for, and what came of them. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "kernels/recipe-parts.h"

#define OPTIONS_LIMIT ((size_t)1 << 20)

/* Before 5.3 it had another name; a kernel knows one of the two. */
#define RT_OPTION "CONFIG_PREEMPT_RT"
#define RT_OPTION_ONCE "CONFIG_PREEMPT_RT_FULL"

static struct option *option_of(struct option **options, const char *name, size_t size)
{
	unsigned count = 0;

	for (; (*options)[count].name; count++)
		if (strlen((*options)[count].name) == size &&
			strncmp((*options)[count].name, name, size) == 0)
			return &(*options)[count];
	*options = talloc_realloc(NULL, *options, struct option, count + 2);
	(*options)[count + 1] = (struct option){0};
	(*options)[count] = (struct option){.name = talloc_strndup(*options, name, size)};
	return &(*options)[count];
}

/* "6.12.95": its first two numbers. */
static void read_version(const char *text, int *ret_major, int *ret_minor)
{
	char *end;

	*ret_major = (int)strtol(text, &end, 10);
	*ret_minor = *end == '.' ? (int)strtol(end + 1, NULL, 10) : 0;
}

#define SINCE "# since "

/* "CONFIG_NAME=VALUE", perhaps with "# since M.N" behind it. Anything else is no option. */
static void add_line(struct option **options, const char *line)
{
	size_t name = strcspn(line, "=\n"), value = strcspn(line + name, "#\n");
	int major = 0, minor = 0;

	if (strncmp(line, "CONFIG_", 7) != 0 || line[name] != '=')
		return;
	if (line[name + value] == '#') {
		if (strncmp(line + name + value, SINCE, strlen(SINCE)) != 0)
			return;
		read_version(line + name + value + strlen(SINCE), &major, &minor);
	}
	while (value > 1 && isspace((unsigned char)line[name + value - 1]))
		value--;
	struct option *option = option_of(options, line, name);
	option->value = talloc_strndup(*options, line + name + 1, value - 1);
	option->major = major;
	option->minor = minor;
}

static void add_lines(struct option **options, const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		add_line(options, line);
	}
}

/* A package's name has only small letters, digits, dots and hyphens. */
static char *host_version(void *ctx, const char *name)
{
	char *line = talloc_asprintf(ctx, "CONFIG_LOCALVERSION=\"-latcampaign-%s\"", name);

	for (char *at = strchr(line, '-'); *at; at++)
		if (*at == '_')
			*at = '-';
		else if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	return line;
}

/* A file that came with latcampaign; $LATCAMPAIGN_DATADIR is for one that is not installed. */
static char *base_path(void *ctx, enum recipe_base base)
{
	const char *datadir = getenv("LATCAMPAIGN_DATADIR");

	return talloc_asprintf(ctx, "%s/kernels/%s.config", datadir ? datadir : DATADIR,
		base == RECIPE_HOST ? "host" : "guest");
}

int options_read(
	void *ctx, const struct recipe *recipe, struct option **ret_options, struct err *err)
{
	struct option *options = talloc_zero_array(ctx, struct option, 1);
	char *path = base_path(ctx, recipe->base), *text;
	int r = file_read(ctx, AT_FDCWD, path, OPTIONS_LIMIT, &text, NULL, err);

	if (r < 0)
		return r;
	add_lines(&options, text);
	if (recipe->base == RECIPE_HOST)
		add_line(&options, host_version(ctx, recipe->name));
	for (char **option = recipe->options; *option; option++)
		add_line(&options, *option);
	add_line(&options, recipe->rt ? RT_OPTION "=y" : RT_OPTION "=n");
	*ret_options = options;
	return 0;
}

char *options_text(void *ctx, const struct option *options)
{
	char *text = talloc_strdup(ctx, "");

	for (; options->name; options++)
		text = talloc_asprintf_append(text, "%s=%s since %d.%d\n", options->name,
			options->value, options->major, options->minor);
	return text;
}

void options_keep(struct option *options, const char *version)
{
	int major, minor;
	struct option *kept = options;

	read_version(version, &major, &minor);
	for (; options->name; options++)
		if (major > options->major || (major == options->major && minor >= options->minor))
			*kept++ = *options;
	*kept = (struct option){0};
}

char *options_lines(void *ctx, const struct option *options)
{
	char *lines = talloc_strdup(ctx, "");

	for (; options->name; options++) {
		lines = talloc_asprintf_append(lines, "%s=%s\n", options->name, options->value);
		if (strcmp(options->name, RT_OPTION) == 0)
			lines = talloc_asprintf_append(
				lines, RT_OPTION_ONCE "=%s\n", options->value);
	}
	return lines;
}

static char *value_in(void *ctx, const char *config, const char *name)
{
	size_t size = strlen(name);

	for (const char *at = config; at && (at = strstr(at, name)); at += size)
		if ((at == config || at[-1] == '\n') && at[size] == '=')
			return talloc_strndup(ctx, at + size + 1, strcspn(at + size + 1, "\n"));
	return NULL;
}

char *option_found(void *ctx, const char *config, const char *name)
{
	char *value = value_in(ctx, config, name);

	if (!value && strcmp(name, RT_OPTION) == 0)
		value = value_in(ctx, config, RT_OPTION_ONCE);
	return value ? value : talloc_strdup(ctx, "n");
}

/* What was asked as a module may be built in: it is there all the same. */
static bool is_as_asked(const char *asked, const char *found)
{
	return strcmp(asked, found) == 0 || (strcmp(asked, "m") == 0 && strcmp(found, "y") == 0);
}

int options_check(void *ctx, const struct option *options, const char *config, json_t **ret_found,
	struct err *err)
{
	json_t *all = json_object();
	char *wrong = talloc_strdup(ctx, "");

	for (; options->name; options++) {
		char *found = option_found(ctx, config, options->name);
		json_object_set_new(all, options->name, json_string(found));
		if (!is_as_asked(options->value, found))
			wrong = talloc_asprintf_append(
				wrong, " %s=%s (it is %s)", options->name, options->value, found);
	}
	if (*wrong) {
		json_decref(all);
		return err_set(err, -EINVAL,
			"this kernel's configuration does not come out as asked; it needs other "
			"options, or does not know:%s",
			wrong);
	}
	*ret_found = all;
	return 0;
}

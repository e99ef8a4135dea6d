/* SPDX-License-Identifier: MIT */
#include "distributions/manager.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

const struct package_manager *package_manager_get(const char *name)
{
	static const struct package_manager *const managers[] = {
		&apt_manager, &dnf_manager, &zypper_manager, NULL};

	for (size_t i = 0; managers[i]; i++)
		if (strcmp(managers[i]->name, name) == 0)
			return managers[i];
	return NULL;
}

const char **manager_argv(void *ctx, const char *const *fixed, char *const *names)
{
	unsigned count = 0, size = 0;

	while (fixed[count])
		count++;
	while (names[size])
		size++;
	const char **argv = talloc_zero_array(ctx, const char *, count + size + 1);
	memcpy(argv, fixed, count * sizeof(*argv));
	memcpy(argv + count, names, size * sizeof(*argv));
	return argv;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

char **manager_lines(void *ctx, char *text)
{
	char **lines = talloc_zero_array(ctx, char *, 1), *rest;
	unsigned count = 0;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		lines = talloc_realloc(ctx, lines, char *, count + 2);
		lines[count++] = talloc_strdup(lines, line);
		lines[count] = NULL;
	}
	qsort(lines, count, sizeof(*lines), compare);
	return lines;
}

static bool is_in(char *const *list, const char *package)
{
	for (; *list; list++)
		if (strcmp(*list, package) == 0)
			return true;
	return false;
}

static unsigned of_name(char *const *list, const char *package)
{
	size_t size = strcspn(package, " ");
	unsigned count = 0;

	for (; *list; list++)
		count += strcspn(*list, " ") == size && strncmp(*list, package, size) == 0;
	return count;
}

char **packages_that_came(void *ctx, char *const *before, char *const *after)
{
	char **came = talloc_zero_array(ctx, char *, 1);
	char *const *package;
	unsigned count = 0;

	for (package = after; *package; package++) {
		if (is_in(before, *package))
			continue;
		if (of_name(after, *package) <= of_name(before, *package) + of_name(came, *package))
			continue;
		came = talloc_realloc(ctx, came, char *, count + 2);
		came[count++] = talloc_strdup(came, *package);
		came[count] = NULL;
	}
	return came;
}

/* A number as persons read it, digits grouped with commas; behind it in `ret_unit`. */
static double number(const char *text, const char **ret_unit)
{
	char digits[32];
	size_t size = 0;

	for (; isdigit((unsigned char)*text) || *text == '.' || *text == ','; text++)
		if (*text != ',' && size < sizeof(digits) - 1)
			digits[size++] = *text;
	digits[size] = '\0';
	*ret_unit = text + strspn(text, " ");
	return size > 0 ? strtod(digits, NULL) : -1;
}

/* apt counts in thousands and says "kB"; dnf and zypper say "KiB", or "k" for the same. */
static double unit_bytes(const char *unit)
{
	static const char letters[] = "kMGT";
	double thousand = unit[0] && unit[1] == 'B' ? 1000 : 1024, bytes = 1;

	const char *at = *unit ? strchr(letters, *unit == 'K' ? 'k' : *unit) : NULL;
	for (const char *letter = letters; at && letter <= at; letter++)
		bytes *= thousand;
	return bytes;
}

int64_t manager_size(const char *text, const char *key)
{
	const char *at = strstr(text, key), *unit;

	if (!at)
		return -1;
	at += strlen(key);
	double value = number(at + strspn(at, " \n"), &unit);
	double bytes = value * unit_bytes(unit);
	return value < 0 || bytes > (double)((int64_t)1 << 60) ? -1 : (int64_t)bytes;
}

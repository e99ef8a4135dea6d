/* SPDX-License-Identifier: MIT */
#include "campaigns/units.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MAX_NS ((int64_t)1000000000000000000)
#define CPU_MAX 8191 /* NR_CPUS of the largest kernels */
#define SIZE_MAX_KIB ((int64_t)1 << 30)

struct unit {
	const char *name;
	int64_t factor;
};

/* Reads "NUMBER UNIT" and steps over it. */
static bool one(const char **text, const struct unit *units, int64_t limit, int64_t *ret)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	errno = 0;
	int64_t number = strtoll(*text, &end, 10);
	size_t size = strspn(end, "abcdefghijklmnopqrstuvwxyzKMG");
	for (; units->name; units++) {
		if (strlen(units->name) != size || strncmp(units->name, end, size) != 0)
			continue;
		if (errno != 0 || number > limit / units->factor)
			return false;
		*text = end + size;
		*ret = number * units->factor;
		return true;
	}
	return false;
}

bool units_duration(const char *text, int64_t *ret_us)
{
	static const struct unit units[] = {{"ns", 1}, {"us", 1000}, {"ms", 1000000},
		{"s", 1000000000}, {"m", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000},
		{NULL, 0}};
	int64_t sum = 0, part;

	do {
		if (!one(&text, units, DURATION_MAX_NS, &part) || sum > DURATION_MAX_NS - part)
			return false;
		sum += part;
	} while (*text);
	if (sum % 1000 != 0)
		return false;
	*ret_us = sum / 1000;
	return true;
}

bool units_size(const char *text, int64_t *ret_mib)
{
	static const struct unit units[] = {{"K", 1}, {"M", 1 << 10}, {"G", 1 << 20}, {NULL, 0}};
	int64_t kib;

	if (!one(&text, units, SIZE_MAX_KIB, &kib) || *text || kib % 1024 != 0)
		return false;
	*ret_mib = kib / 1024;
	return true;
}

bool units_cpus(const char *text)
{
	for (;;) {
		unsigned long first, last;
		char *end;
		if (!isdigit((unsigned char)*text))
			return false;
		first = last = strtoul(text, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, &end, 10);
		if (last < first || last > CPU_MAX)
			return false;
		if (!*end)
			return true;
		if (*end != ',')
			return false;
		text = end + 1;
	}
}

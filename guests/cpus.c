/* SPDX-License-Identifier: MIT */
#include "guests/cpus.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

/* "N" or "N-M" into the set; steps over it. */
static bool take_range(const char **list, struct cpus *cpus)
{
	char *end;

	if (!isdigit((unsigned char)**list))
		return false;
	unsigned long first = strtoul(*list, &end, 10), last = first;
	if (*end == '-' && isdigit((unsigned char)end[1]))
		last = strtoul(end + 1, &end, 10);
	if (last < first || last >= CPUS_MAX)
		return false;
	for (unsigned long cpu = first; cpu <= last; cpu++)
		CPU_SET_S(cpu, sizeof(*cpus), cpus->sets);
	*list = end;
	return true;
}

bool cpus_parse(const char *list, struct cpus *ret)
{
	memset(ret, 0, sizeof(*ret));
	while (take_range(&list, ret)) {
		if (!*list)
			return true;
		if (*list++ != ',')
			return false;
	}
	return false;
}

char *cpus_list(void *ctx, const struct cpus *cpus)
{
	char *list = talloc_strdup(ctx, "");

	for (int cpu = 0; cpu < CPUS_MAX; cpu++) {
		if (!CPU_ISSET_S((size_t)cpu, sizeof(*cpus), cpus->sets))
			continue;
		int first = cpu;
		while (cpu + 1 < CPUS_MAX &&
			CPU_ISSET_S((size_t)cpu + 1, sizeof(*cpus), cpus->sets))
			cpu++;
		list = talloc_asprintf_append(list, "%s%d", *list ? "," : "", first);
		if (cpu > first)
			list = talloc_asprintf_append(list, "-%d", cpu);
	}
	return list;
}

char *cpus_tidy(void *ctx, const char *list)
{
	struct cpus cpus;

	return cpus_parse(list, &cpus) ? cpus_list(ctx, &cpus) : talloc_strdup(ctx, list);
}

int cpus_beyond(const struct cpus *cpus, const struct cpus *others)
{
	int beyond = 0;

	for (size_t cpu = 0; cpu < CPUS_MAX; cpu++)
		beyond += CPU_ISSET_S(cpu, sizeof(*cpus), cpus->sets) &&
			  !CPU_ISSET_S(cpu, sizeof(*others), others->sets);
	return beyond;
}

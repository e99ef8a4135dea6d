/* SPDX-License-Identifier: MIT */
#include "evidence/cpus.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"

#define FOLDER "sys/devices/system/cpu"

static int compare_numbers(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return (x > y) - (x < y);
}

unsigned *cpu_numbers(void *ctx, int root, unsigned *ret_count)
{
	unsigned *numbers = talloc_array(ctx, unsigned, 0);
	char **names;

	*ret_count = 0;
	if (directory_list(numbers, root, FOLDER, &names, NULL) < 0)
		return numbers;
	for (char **name = names; *name; name++) {
		size_t digits =
			strspn(*name + (strncmp(*name, "cpu", 3) == 0 ? 3 : 0), "0123456789");
		if (strncmp(*name, "cpu", 3) != 0 || digits == 0 || (*name)[3 + digits])
			continue; /* cpufreq, cpuidle, ... */
		numbers = talloc_realloc(ctx, numbers, unsigned, *ret_count + 1);
		numbers[(*ret_count)++] = (unsigned)strtoul(*name + 3, NULL, 10);
	}
	qsort(numbers, *ret_count, sizeof(*numbers), compare_numbers);
	return numbers;
}

/* CPUs that told the same, and the end of their list: it grows in place. */
struct group {
	json_t *told;
	char *list;
	unsigned first, last; /* of the range that the list ends in */
};

static void extend(struct group *group, unsigned cpu)
{
	if (cpu != group->last + 1) {
		group->list = talloc_asprintf_append(group->list, ",%u", cpu);
		group->first = cpu;
	} else {
		if (group->first < group->last) /* "0-1" becomes "0-2" */
			*strrchr(group->list, '-') = '\0';
		group->list = talloc_asprintf_append(group->list, "-%u", cpu);
	}
	group->last = cpu;
}

/* Takes over `told`. */
static struct group *add_cpu(
	void *ctx, struct group *groups, unsigned *count, unsigned cpu, json_t *told)
{
	for (unsigned i = 0; i < *count; i++)
		if (json_equal(groups[i].told, told)) {
			json_decref(told);
			extend(&groups[i], cpu);
			return groups;
		}
	groups = talloc_realloc(ctx, groups, struct group, *count + 1);
	groups[(*count)++] = (struct group){told, talloc_asprintf(ctx, "%u", cpu), cpu, cpu};
	return groups;
}

json_t *cpus_grouped(int root, json_t *(*read)(int root, const char *folder))
{
	void *ctx = talloc_new(NULL);
	struct group *groups = NULL;
	json_t *array = json_array();
	unsigned cpu_count, count = 0;
	const unsigned *cpus = cpu_numbers(ctx, root, &cpu_count);

	for (unsigned i = 0; i < cpu_count; i++) {
		json_t *told = read(root, talloc_asprintf(ctx, FOLDER "/cpu%u", cpus[i]));
		if (told)
			groups = add_cpu(ctx, groups, &count, cpus[i], told);
	}
	for (unsigned i = 0; i < count; i++) {
		json_object_set_new(groups[i].told, "cpus", json_string(groups[i].list));
		json_array_append_new(array, groups[i].told);
	}
	talloc_free(ctx);
	return array;
}

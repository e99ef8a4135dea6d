/* SPDX-License-Identifier: MIT */
#include "loads/cpu-time.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"

/* Fields of a process's stat behind its name, from 1: see proc(5), two less than there. */
enum { STATE = 1, GROUP = 3, USER = 12, SYSTEM, CHILD_USER, CHILD_SYSTEM };

/* Clock ticks of one process if it belongs to the group. Its name stands in parentheses, and may
 * hold any character. */
static long long ticks_of(const char *stat, pid_t group)
{
	const char *at = strrchr(stat, ')');
	long long ticks = 0;

	for (int field = STATE; field <= CHILD_SYSTEM; field++) {
		at = at ? strchr(at + 1, ' ') : NULL;
		if (!at)
			return 0;
		if (field == GROUP && strtoll(at, NULL, 10) != group)
			return 0;
		if (field >= USER)
			ticks += strtoll(at, NULL, 10);
	}
	return ticks;
}

double group_cpu_seconds(int root, pid_t group)
{
	char **names;
	long long ticks = 0;

	if (directory_list(NULL, root, "proc", &names, NULL) < 0)
		return 0;
	for (char **name = names; *name; name++) {
		char *stat, *path = talloc_asprintf(names, "proc/%s/stat", *name);
		if (**name < '0' || **name > '9' ||
			file_read(path, root, path, 4096, &stat, NULL, NULL) < 0)
			continue; /* no process, or one that has ended meanwhile */
		ticks += ticks_of(stat, group);
		talloc_free(path);
	}
	talloc_free(names);
	return (double)ticks / (double)sysconf(_SC_CLK_TCK);
}

double boottime(void)
{
	struct timespec time;

	clock_gettime(CLOCK_BOOTTIME, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <talloc.h>

#include "base/files.h"
#include "kernels/kernel.h"

/* Bits of /proc/sys/kernel/tainted (admin-guide/tainted-kernels of Linux) that say that something
 * went wrong. The others say what was loaded. */
static const struct {
	unsigned bit;
	const char *words;
} damages[] = {
	{4, "a machine check"},
	{5, "a bad page"},
	{7, "an oops"},
	{9, "a kernel warning"},
	{14, "a soft lockup"},
};
#define DAMAGE_COUNT (sizeof(damages) / sizeof(*damages))

unsigned long kernel_damage(int root)
{
	unsigned long mask = 0;
	char *line;

	if (file_read_line(NULL, root, "proc/sys/kernel/tainted", &line, NULL) < 0)
		return 0;
	for (size_t i = 0; i < DAMAGE_COUNT; i++)
		mask |= 1UL << damages[i].bit;
	mask &= strtoul(line, NULL, 10);
	talloc_free(line);
	return mask;
}

char *kernel_damage_words(void *ctx, unsigned long damage)
{
	char *words = talloc_strdup(ctx, "");

	for (size_t i = 0; i < DAMAGE_COUNT; i++)
		if (damage >> damages[i].bit & 1)
			words = talloc_asprintf_append(
				words, "%s%s", *words ? ", " : "", damages[i].words);
	return words;
}

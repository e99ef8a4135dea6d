/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <talloc.h>

#include "base/files.h"
#include "kernels/kernel.h"

enum { OOPS = 7, WARNING = 9 };

/* Bits of /proc/sys/kernel/tainted (admin-guide/tainted-kernels of Linux) that say that something
 * went wrong. The others say what was loaded. */
static const struct {
	unsigned bit;
	const char *words;
} damages[] = {
	{4, "a machine check"},
	{5, "a bad page"},
	{OOPS, "an oops"},
	{WARNING, "a kernel warning"},
	{14, "a soft lockup"},
};
#define DAMAGE_COUNT (sizeof(damages) / sizeof(*damages))

/* A number that stands alone in a file; 0 when the kernel does not have it. */
static unsigned long number_in(int root, const char *path)
{
	unsigned long number;
	char *line;

	if (file_read_line(NULL, root, path, &line, NULL) < 0)
		return 0;
	number = strtoul(line, NULL, 10);
	talloc_free(line);
	return number;
}

struct kernel_damage kernel_damage(int root)
{
	unsigned long mask = 0;

	for (size_t i = 0; i < DAMAGE_COUNT; i++)
		mask |= 1UL << damages[i].bit;
	mask &= number_in(root, "proc/sys/kernel/tainted");
	return (struct kernel_damage){.bits = mask,
		.warnings = number_in(root, "sys/kernel/warn_count"),
		.oopses = number_in(root, "sys/kernel/oops_count")};
}

unsigned long kernel_damage_since(int root, const struct kernel_damage *before)
{
	struct kernel_damage now = kernel_damage(root);
	unsigned long bits = now.bits & ~before->bits;

	if (now.oopses > before->oopses)
		bits |= 1UL << OOPS;
	if (now.warnings > before->warnings)
		bits |= 1UL << WARNING;
	return bits;
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

/* SPDX-License-Identifier: MIT */
#include "statemachine/progress.h"

#include <stdio.h>
#include <string.h>

#define BAR 20

/* "[########            ] 2/5 installing 7 packages" */
static void draw(unsigned step, unsigned steps, const char *text, unsigned done, unsigned total)
{
	char bar[BAR + 1];
	double share = (step - 1 + (total > 0 ? (double)done / total : 0)) / steps;
	int full = (int)(share * BAR);

	memset(bar, ' ', BAR);
	memset(bar, '#', full < BAR ? (size_t)full : BAR);
	bar[BAR] = '\0';
	printf("\r\033[K[%s] %u/%u %s", bar, step, steps, text);
	if (total > 0)
		printf(" (%u %%)", (unsigned)(100.0 * done / total));
}

void progress_tell(void *argument, unsigned step, unsigned steps, const char *text, unsigned done,
	unsigned total)
{
	struct progress *progress = argument;
	char said[sizeof(progress->told)];

	snprintf(said, sizeof(said), "[%u/%u] %s", step, steps, text);
	if (step == 0) {
		progress_end(progress);
		printf("%s\n", text);
	} else if (progress->terminal) {
		draw(step, steps, text, done, total);
		progress->open = true;
	} else if (strcmp(said, progress->told) != 0) {
		printf("[%u/%u] %s\n", step, steps, text);
	}
	if (step > 0)
		memcpy(progress->told, said, sizeof(said));
	fflush(stdout);
}

void progress_end(struct progress *progress)
{
	if (progress->open)
		printf("\n");
	progress->open = false;
}

/* SPDX-License-Identifier: MIT */
#include "latencies/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

char *lines_next(struct lines *lines)
{
	char *line = lines->rest;

	if (!line || !*line)
		return NULL;
	char *newline = strchr(line, '\n');
	if (!newline)
		return NULL; /* torn: cyclictest ends every line */
	*newline = '\0';
	lines->rest = newline + 1;
	lines->number++;
	return line;
}

unsigned lines_numbers(const char *text, uint64_t *numbers, unsigned count)
{
	unsigned found = 0;

	for (;; found++) {
		text += strspn(text, " \t");
		if (!*text)
			return found;
		if (found == count || *text < '0' || *text > '9')
			return 0;
		char *end;
		errno = 0;
		numbers[found] = strtoull(text, &end, 10);
		if (errno != 0)
			return 0;
		text = end;
	}
}

unsigned lines_words(const char *text)
{
	unsigned words = 0;

	while (*(text += strspn(text, " \t"))) {
		words++;
		text += strcspn(text, " \t");
	}
	return words;
}

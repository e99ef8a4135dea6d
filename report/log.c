/* SPDX-License-Identifier: MIT */
#include "report/log.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"

/* Begins with a whole line, in front of which stands that there were others. */
static char *tell_cut(void *ctx, const char *text)
{
	const char *newline = strchr(text, '\n'), *first = newline ? newline + 1 : text;

	return talloc_asprintf(ctx,
		"%.*s" LOG_WARNING "the log is larger than %zu MiB; what stands before this was "
		"left out\n%s",
		(int)strcspn(first, " \n"), first, LOG_LIMIT >> 20, first);
}

int log_read(void *ctx, int campaign, char **ret_text, size_t *ret_size, struct err *err)
{
	bool cut = false;
	char *text;
	size_t size;
	int r = file_read_end(ctx, campaign, "log", LOG_LIMIT, &text, &size, &cut, err);

	if (r < 0)
		return r;
	/* A power cut may leave zeros, which end no text. */
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	*ret_text = cut ? tell_cut(ctx, text) : text;
	if (ret_size)
		*ret_size = strlen(*ret_text);
	return 0;
}

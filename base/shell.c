/* SPDX-License-Identifier: MIT */
#include "base/shell.h"

#include <talloc.h>

char *shell_word(void *ctx, const char *text)
{
	char *word = talloc_strdup(ctx, "'");

	for (; *text; text++)
		word = *text == '\'' ? talloc_strdup_append(word, "'\\''")
				     : talloc_strndup_append(word, text, 1);
	return talloc_strdup_append(word, "'");
}

/* SPDX-License-Identifier: MIT */
#include "distributions/os-release.h"

#include <string.h>
#include <talloc.h>

/* A value as a shell would read it: plain, in single quotes, or in double ones with backslashes. */
static char *unquoted(void *ctx, const char *text, size_t size)
{
	char *value = talloc_zero_size(ctx, size + 1), *to = value;
	char quote = '\0';

	if (size > 0 && (*text == '"' || *text == '\''))
		quote = *text;
	for (size_t i = quote ? 1 : 0; i < size && !(quote && text[i] == quote); i++) {
		if (text[i] == '\\' && quote != '\'' && i + 1 < size)
			i++;
		*to++ = text[i];
	}
	return value;
}

static char *value_of(void *ctx, const char *text, const char *key, const char *otherwise)
{
	size_t length = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		size_t size = strcspn(line, "\n");
		if (size > length && strncmp(line, key, length) == 0 && line[length] == '=')
			return unquoted(ctx, line + length + 1, size - length - 1);
	}
	return talloc_strdup(ctx, otherwise);
}

struct os_release os_release_parse(void *ctx, const char *text)
{
	return (struct os_release){
		.id = value_of(ctx, text, "ID", "linux"),
		.like = value_of(ctx, text, "ID_LIKE", ""),
		.version = value_of(ctx, text, "VERSION_ID", ""),
		.name = value_of(ctx, text, "PRETTY_NAME", "Linux"),
	};
}

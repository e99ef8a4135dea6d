/* SPDX-License-Identifier: MIT */
#include "guests/xl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "guests/cpus.h"

static struct xl_row split(void *ctx, const char *line, size_t size)
{
	struct xl_row row = {.words = NULL, .count = 0};
	char *text = talloc_strndup(ctx, line, size), *rest;

	for (char *word = strtok_r(text, " \t\r", &rest); word;
		word = strtok_r(NULL, " \t\r", &rest)) {
		row.words = talloc_realloc(ctx, row.words, char *, row.count + 1);
		row.words[row.count++] = word;
	}
	return row;
}

static bool is_wanted(const char *word, const char *name)
{
	return name ? strcmp(word, name) == 0 : strcmp(word, "Name") != 0;
}

struct xl_row *xl_rows(void *ctx, const char *table, const char *name, unsigned *ret_count)
{
	struct xl_row *rows = NULL;
	unsigned count = 0;

	for (const char *line = table; *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");
		struct xl_row row = split(ctx, line, size);
		line += size;
		if (row.count == 0 || !is_wanted(xl_word(&row, XL_NAME), name))
			continue;
		rows = talloc_realloc(ctx, rows, struct xl_row, count + 1);
		rows[count++] = row;
	}
	*ret_count = count;
	return rows;
}

const char *xl_word(const struct xl_row *row, unsigned column)
{
	return column < row->count ? row->words[column] : "";
}

bool xl_seconds(const struct xl_row *row, double *ret)
{
	const char *word = xl_word(row, XL_LIST_SECONDS);
	char *end;

	*ret = strtod(word, &end);
	return *word >= '0' && *word <= '9' && !*end && isfinite(*ret);
}

int xl_number(const char *info, const char *key)
{
	void *ctx = talloc_new(NULL);
	unsigned count;
	const struct xl_row *rows = xl_rows(ctx, info, key, &count);
	const char *word = count > 0 ? xl_word(&rows[0], XL_INFO_VALUE) : "";
	int number = *word && strlen(word) == strspn(word, "0123456789") && strlen(word) < 10
			     ? (int)strtol(word, NULL, 10)
			     : -1;

	talloc_free(ctx);
	return number;
}

char *xl_affinity(void *ctx, const struct xl_row *row, int cpus)
{
	const char *affinity = xl_word(row, XL_VCPU_AFFINITY);

	if (strcmp(affinity, "all") != 0)
		return cpus_tidy(ctx, affinity);
	char *all = talloc_asprintf(ctx, "0-%d", cpus - 1);
	char *list = cpus_tidy(ctx, all);
	talloc_free(all);
	return list;
}

char *xl_ratelimit(void *ctx, const char *text)
{
	const char *at = strstr(text, "ratelimit=");

	at = at ? at + strlen("ratelimit=") : "";
	return talloc_strndup(ctx, at, strspn(at, "0123456789"));
}

const char *xl_pinning(const struct xl_row *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const char *affinity = xl_word(&rows[i], XL_VCPU_AFFINITY);
		if (!*affinity || affinity[strspn(affinity, "0123456789")])
			return "free";
	}
	return count > 0 ? "pinned" : "";
}

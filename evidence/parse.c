/* SPDX-License-Identifier: MIT */
#include "evidence/parse.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define LEVEL_WARNING 4 /* of syslog(3); lower is worse */
#define LEVEL_MASK 7    /* the facility stands above it */
#define MESSAGE_MAX 400 /* bytes that are kept of one */

/* The next line's end; lines are walked through where they stand. */
static const char *line_end(const char *line)
{
	return line + strcspn(line, "\n");
}

static const char *next_line(const char *line)
{
	const char *end = line_end(line);

	return *end ? end + 1 : end;
}

/* JSON holds UTF-8 alone; whatever is none is told by its ASCII. */
static json_t *text_json(const char *text, size_t size)
{
	json_t *json = json_stringn(text, size);

	if (json)
		return json;
	char *ascii = talloc_strndup(NULL, text, size);
	for (char *c = ascii; *c; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json = json_string(ascii);
	talloc_free(ascii);
	return json;
}

char *parse_info(void *ctx, const char *text, const char *key)
{
	size_t size = strlen(key);

	for (const char *line = text; *line && *line != '\n'; line = next_line(line)) {
		const char *colon = line + strcspn(line, ":\n");
		if (strncmp(line, key, size) != 0 || *colon != ':' ||
			strspn(line + size, " \t") != (size_t)(colon - line) - size)
			continue;
		const char *value = colon + 1 + strspn(colon + 1, " \t");
		json_t *json = text_json(value, (size_t)(line_end(value) - value));
		char *clean = talloc_strdup(ctx, json_string_value(json));
		json_decref(json);
		return clean;
	}
	return NULL;
}

bool parse_has_word(const char *text, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += size)
		if ((at == text || at[-1] == ' ') && (at[size] == ' ' || !at[size]))
			return true;
	return false;
}

/* --- interrupts -------------------------------------------------------------------------- */

/* The first line has a column for each CPU that is online. */
static unsigned count_columns(const char *line)
{
	unsigned columns = 0;

	for (const char *at = line, *end = line_end(line); at < end; at++)
		columns += strncmp(at, "CPU", 3) == 0;
	return columns;
}

/* Lines such as ERR have one number only. */
static const char *sum_columns(const char *at, unsigned columns, uint64_t *ret)
{
	*ret = 0;
	for (unsigned i = 0; i < columns; i++) {
		const char *word = at + strspn(at, " ");
		size_t digits = strspn(word, "0123456789");
		if (digits == 0 || !strchr(" \n", word[digits]))
			break;
		*ret += strtoull(word, NULL, 10);
		at = word + digits;
	}
	return at;
}

static void add_interrupt(json_t *all, const char *line, unsigned columns)
{
	const char *label = line + strspn(line, " "), *end = line_end(line);
	const char *colon = label + strcspn(label, ":\n");
	uint64_t count;

	if (*colon != ':' || colon == label)
		return;
	const char *name = sum_columns(colon + 1, columns, &count);
	name += strspn(name, " ");
	json_t *key = text_json(label, (size_t)(colon - label));
	/* A count that no JSON integer holds is none. */
	json_object_set_new(all, json_string_value(key),
		json_pack("{s:o, s:I}", "name", text_json(name, (size_t)(end - name)), "count",
			(json_int_t)(count & INT64_MAX)));
	json_decref(key);
}

json_t *parse_interrupts(const char *text)
{
	json_t *all = json_object();
	unsigned columns = count_columns(text);

	for (const char *line = next_line(text); *line; line = next_line(line))
		add_interrupt(all, line, columns);
	return all;
}

/* --- stat -------------------------------------------------------------------------------- */

bool parse_stat(const char *text, const char *key, unsigned field, uint64_t *ret)
{
	size_t size = strlen(key);
	const char *line = text;

	while (*line && (strncmp(line, key, size) != 0 || line[size] != ' '))
		line = next_line(line);
	if (!*line)
		return false;
	const char *at = line + size;
	for (unsigned i = 0; i < field; i++) {
		at += strspn(at, " ");
		size_t digits = strspn(at, "0123456789");
		if (digits == 0)
			return false;
		*ret = strtoull(at, NULL, 10);
		at += digits;
	}
	return true;
}

/* --- the kernel's messages ---------------------------------------------------------------- */

static void keep_message(
	struct messages *messages, unsigned keep, int level, const char *words, size_t size)
{
	static const char *const levels[] = {"emergency", "alert", "critical", "error", "warning"};
	json_t *text = text_json(words, size < MESSAGE_MAX ? size : MESSAGE_MAX);

	messages->count++;
	json_array_append_new(
		messages->last, json_sprintf("%s: %s", levels[level], json_string_value(text)));
	json_decref(text);
	if (json_array_size(messages->last) > keep)
		json_array_remove(messages->last, 0);
}

void parse_messages(const char *text, unsigned keep, struct messages *messages)
{
	for (const char *line = text; *line; line = next_line(line)) {
		const char *end = line_end(line), *words = line + strcspn(line, ";\n");
		int level = (int)(strtoul(line, NULL, 10) & LEVEL_MASK);
		if (!isdigit((unsigned char)*line) || *words != ';' || level > LEVEL_WARNING)
			continue;
		keep_message(messages, keep, level, words + 1, (size_t)(end - words - 1));
	}
}

/* SPDX-License-Identifier: MIT */
#include "grub-hooks/menu.h"

#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#define DEPTH_MAX 32
#define OTHER_BLOCK (-2)

/* Where the parser is: the open blocks, each an entry's index or OTHER_BLOCK. */
struct parser {
	void *ctx;
	struct menu menu;
	int open[DEPTH_MAX];
	int depth;
};

/* The next word of a line as GRUB's shell takes it, quotes removed; NULL at its end. Moves *line.
 */
static char *next_word(void *ctx, const char **line)
{
	const char *at = *line + strspn(*line, " \t");
	char *word = talloc_zero_size(ctx, strlen(at) + 1), *to = word;
	char quote = '\0';

	if (!*at)
		return NULL;
	for (; *at && (quote || !strchr(" \t", *at)); at++) {
		if (*at == '\\' && quote != '\'' && at[1])
			*to++ = *++at;
		else if (quote && *at == quote)
			quote = '\0';
		else if (!quote && strchr("'\"", *at))
			quote = *at;
		else
			*to++ = *at;
	}
	*line = at;
	return word;
}

/* menuentry 'TITLE' --class linux $menuentry_id_option 'ID' { */
static void begin_entry(struct parser *parser, const char *line, bool submenu)
{
	struct menu *menu = &parser->menu;
	int parent = parser->depth > 0 ? parser->open[parser->depth - 1] : -1;
	char *word;

	menu->entries = talloc_realloc(
		parser->ctx, menu->entries, struct menu_entry, (unsigned)menu->count + 1);
	struct menu_entry *entry = &menu->entries[menu->count];
	*entry = (struct menu_entry){.parent = parent < 0 ? -1 : parent, .submenu = submenu};
	entry->title = next_word(parser->ctx, &line);
	while ((word = next_word(parser->ctx, &line)))
		if (strcmp(word, "--id") == 0 || strcmp(word, "$menuentry_id_option") == 0)
			entry->id = next_word(parser->ctx, &line);
	if (!entry->title)
		entry->title = talloc_strdup(parser->ctx, "");
	parser->open[parser->depth++] = menu->count++;
}

static const char *behind(const char *line, const char *const *commands)
{
	for (; *commands; commands++) {
		size_t size = strlen(*commands);
		if (strncmp(line, *commands, size) == 0 && strchr(" \t", line[size]) && line[size])
			return line + size + strspn(line + size, " \t");
	}
	return NULL;
}

/* A command in an entry; blanks at its end mean nothing. */
static void take_command(struct parser *parser, struct menu_entry *entry, const char *line)
{
	static const char *const kernels[] = {"linux", "linuxefi", "linux16", NULL};
	static const char *const hypervisors[] = {
		"multiboot", "multiboot2", "xen_hypervisor", NULL};
	static const char *const modules[] = {"module", "module2", "xen_module", NULL};
	const char *kernel = behind(line, kernels), *hypervisor = behind(line, hypervisors);

	if (!kernel && entry->hypervisor)
		kernel = behind(line, modules);
	if (kernel && !entry->kernel)
		entry->kernel = talloc_strdup(parser->ctx, kernel);
	if (hypervisor && !entry->hypervisor)
		entry->hypervisor = talloc_strdup(parser->ctx, hypervisor);
}

static void take_line(struct parser *parser, const char *line)
{
	static const char *const entries[] = {"menuentry", NULL}, *const submenus[] = {
									  "submenu", NULL};
	static const char *const presets[] = {"set default=", NULL};
	int block = parser->depth > 0 ? parser->open[parser->depth - 1] : -1;
	size_t size = strlen(line);
	const char *entry = behind(line, entries), *submenu = behind(line, submenus);

	if (strcmp(line, "}") == 0)
		parser->depth -= parser->depth > 0;
	else if (size > 0 && line[size - 1] == '{' && parser->depth < DEPTH_MAX) {
		if (entry || submenu)
			begin_entry(parser, entry ? entry : submenu, submenu != NULL);
		else
			parser->open[parser->depth++] = OTHER_BLOCK;
	} else if (block >= 0)
		take_command(parser, &parser->menu.entries[block], line);
	else if (strncmp(line, *presets, strlen(*presets)) == 0 && !strstr(line, "next_entry")) {
		const char *value = line + strlen(*presets);
		char *preset = next_word(parser->ctx, &value);
		parser->menu.preset = preset ? preset : parser->menu.preset;
	}
}

struct menu menu_parse(void *ctx, const char *text)
{
	struct parser parser = {.ctx = ctx, .menu.preset = talloc_strdup(ctx, "0")};
	char *copy = talloc_strdup(ctx, text), *rest;

	for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		line += strspn(line, " \t");
		size_t size = strlen(line);
		while (size > 0 && strchr(" \t\r", line[size - 1]))
			line[--size] = '\0';
		take_line(&parser, line);
	}
	talloc_free(copy);
	return parser.menu;
}

/* The entry of one level that GRUB takes for `name`: a number counts, else the first of that title
 * or id. -1 when there is none. */
static int find(const struct menu *menu, int parent, const char *name, size_t size)
{
	char *text = talloc_strndup(NULL, name, size), *end;
	long number = strtol(text, &end, 10);
	bool counts = size > 0 && !*end;
	int found = -1;

	for (int i = 0; i < menu->count && found < 0; i++) {
		const struct menu_entry *entry = &menu->entries[i];
		if (entry->parent != parent)
			continue;
		if (counts ? number-- == 0
			   : strcmp(entry->title, text) == 0 ||
					(entry->id && strcmp(entry->id, text) == 0))
			found = i;
	}
	talloc_free(text);
	return found;
}

int menu_default(const struct menu *menu, const char *saved)
{
	const char *name = strcmp(menu->preset, "${saved_entry}") == 0 ? saved : menu->preset;
	int entry = -1;

	do {
		size_t size = strcspn(name, ">");
		int found = find(menu, entry, name, size);
		/* What GRUB does not find is the first of that level to it. */
		entry = found < 0 ? find(menu, entry, "0", 1) : found;
		name += size + (name[size] == '>');
	} while (entry >= 0 && menu->entries[entry].submenu);
	return entry;
}

char *menu_path(void *ctx, const struct menu *menu, int entry)
{
	const struct menu_entry *one = &menu->entries[entry];
	const char *name = one->id ? one->id : one->title;

	if (one->parent < 0)
		return talloc_strdup(ctx, name);
	char *parent = menu_path(ctx, menu, one->parent);
	char *path = talloc_asprintf(ctx, "%s>%s", parent, name);
	talloc_free(parent);
	return path;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Ids are not unique: an entry can be named only when its path leads back to it. */
static bool leads_back(const struct menu *menu, int entry)
{
	char *path = menu_path(NULL, menu, entry);
	const struct menu named = {menu->entries, menu->count, path};
	bool back = menu_default(&named, "") == entry;

	talloc_free(path);
	return back;
}

int menu_stable(const struct menu *menu, int entry)
{
	const struct menu_entry *wanted = &menu->entries[entry];

	for (int i = 0; i < menu->count; i++) {
		const struct menu_entry *other = &menu->entries[i];
		if (other->parent >= 0 && !other->submenu && other->id &&
			same(other->kernel, wanted->kernel) &&
			same(other->hypervisor, wanted->hypervisor) && leads_back(menu, i))
			return i;
	}
	return entry;
}

/* SPDX-License-Identifier: MIT */
#include "campaigns/keys.h"

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "campaigns/plan.h"
#include "campaigns/units.h"

#define NAME_LIMIT 64
#define SUGGESTION_DISTANCE 3 /* edits between an unknown key and the one that was meant */

#define MICROS_WORDS                                                                               \
	"a duration with its unit in quotes, such as \"500us\" or \"10m\" (units: us ms s m h d)"
#define SECONDS_WORDS                                                                              \
	"a duration with its unit in quotes, such as \"90s\" or \"10m\" (units: s m h d)"
#define MIB_WORDS "a size with its unit in quotes, such as \"256M\" or \"2G\" (units: K M G)"

static const char *const type_words[] = {
	[KEY_STRING] = "a string",
	[KEY_CMDLINE] = "a string",
	[KEY_CHOICE] = "a string",
	[KEY_INT] = "a whole number",
	[KEY_INT64] = "a whole number",
	[KEY_MICROS] = MICROS_WORDS,
	[KEY_SECONDS] = SECONDS_WORDS,
	[KEY_MIB] = MIB_WORDS,
	[KEY_BOOL] = "true or false",
	[KEY_FLAG] = "true or false",
	[KEY_CPUS] = "a list of CPUs, such as \"0-1,3\"",
	[KEY_WORDS] = "a list of strings, such as [ \"a\", \"b\" ]",
	[KEY_GROUP] = "a group, { ... }",
};

/* An override's text hangs on the setting that it made; what lies below it counts as well. */
static const char *override_of(const config_setting_t *setting)
{
	for (; setting; setting = config_setting_parent(setting))
		if (config_setting_get_hook(setting))
			return config_setting_get_hook(setting);
	return NULL;
}

void reader_complain(
	struct reader *reader, const config_setting_t *setting, const char *format, ...)
{
	const char *override = setting ? override_of(setting) : NULL;
	const char *file = setting ? config_setting_source_file(setting) : NULL;
	va_list args;

	va_start(args, format);
	char *sentence = talloc_vasprintf(NULL, format, args);
	va_end(args);
	if (override)
		complaints_add(reader->ctx, reader->complaints, "--set %s: %s", override, sentence);
	else
		complaints_add(reader->ctx, reader->complaints, "%s:%u: %s",
			file ? file : reader->path,
			setting && config_setting_source_line(setting)
				? config_setting_source_line(setting)
				: 1,
			sentence);
	talloc_free(sentence);
}

static unsigned minimum(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Levenshtein's edit distance, one row of the table at a time. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_LIMIT + 1], size = (unsigned)strnlen(b, NAME_LIMIT);

	for (unsigned k = 0; k <= size; k++)
		row[k] = k;
	for (unsigned i = 0; a[i]; i++) {
		unsigned diagonal = row[0];
		row[0] = i + 1;
		for (unsigned k = 0; k < size; k++) {
			unsigned above = row[k + 1];
			row[k + 1] = minimum(minimum(above, row[k]) + 1, diagonal + (a[i] != b[k]));
			diagonal = above;
		}
	}
	return row[size];
}

static void complain_unknown(
	struct reader *reader, const config_setting_t *setting, const struct key *keys)
{
	const char *name = config_setting_name(setting), *nearest = NULL;
	unsigned best = SUGGESTION_DISTANCE + 1;
	char *known = talloc_strdup(NULL, "");

	for (; keys->name; keys++) {
		unsigned d = distance(name, keys->name);
		if (d < best && d < strlen(keys->name)) {
			best = d;
			nearest = keys->name;
		}
		known = talloc_asprintf_append(known, " %s", keys->name);
	}
	if (nearest)
		reader_complain(reader, setting,
			"there is no key \"%s\" here; did you mean \"%s\"?", name, nearest);
	else
		reader_complain(
			reader, setting, "there is no key \"%s\" here; known are:%s", name, known);
	talloc_free(known);
}

static char *list_choices(void *ctx, const char *const *choices)
{
	char *list = talloc_strdup(ctx, "");

	for (const char *const *choice = choices; *choice; choice++)
		list = talloc_asprintf_append(list, "%s\"%s\"",
			choice == choices ? ""
			: choice[1]       ? ", "
					  : " or ",
			*choice);
	return list;
}

static int find_choice(const char *const *choices, const char *text)
{
	for (int i = 0; choices[i]; i++)
		if (strcmp(choices[i], text) == 0)
			return i;
	return -1;
}

static void complain_choice(struct reader *reader, const config_setting_t *setting,
	const struct key *key, const char *text)
{
	char *list = list_choices(NULL, key->choices);

	reader_complain(reader, setting, "%s = \"%s\" is not known; it is one of %s", key->name,
		text, list);
	talloc_free(list);
}

/* GRUB's script and the kernel both read these words: nothing in them may mean something to GRUB.
 */
static void check_cmdline(struct reader *reader, const config_setting_t *setting, const char *text)
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || strchr("'\"$`\\{};|&<>#", *c)) {
			reader_complain(reader, setting,
				"%s holds a character that GRUB would take for its own (0x%02x); "
				"leave it out",
				config_setting_name(setting), (unsigned char)*c);
			return;
		}
	if (strstr(text, "latcampaign.") || strstr(text, "BOOT_IMAGE="))
		reader_complain(reader, setting,
			"%s sets latcampaign.* or BOOT_IMAGE=, which latcampaign and GRUB set "
			"themselves; leave it out",
			config_setting_name(setting));
}

static void complain_type(
	struct reader *reader, const config_setting_t *setting, const struct key *key)
{
	reader_complain(reader, setting, "%s has to be %s", key->name, type_words[key->type]);
}

static void read_cpus(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	const char *text = config_setting_get_string(setting);

	if (!text || !units_cpus(text))
		complain_type(reader, setting, key);
	else
		*(char **)place = talloc_strdup(reader->ctx, text);
}

static void complain_range(struct reader *reader, const config_setting_t *setting,
	const struct key *key, const char *unit)
{
	reader_complain(reader, setting, "%s is out of range: it is %lld to %lld%s", key->name,
		(long long)key->min, (long long)key->max, unit);
}

static void read_string(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	const char *text = config_setting_get_string(setting);
	int choice;

	if (!text) {
		complain_type(reader, setting, key);
	} else if (key->type == KEY_CHOICE) {
		choice = find_choice(key->choices, text);
		if (choice < 0)
			complain_choice(reader, setting, key, text);
		else
			*(int *)place = choice;
	} else {
		if (key->type == KEY_CMDLINE)
			check_cmdline(reader, setting, text);
		*(char **)place = talloc_strdup(reader->ctx, text);
	}
}

static void read_integer(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	int type = config_setting_type(setting);
	int64_t number = type == CONFIG_TYPE_INT ? config_setting_get_int(setting)
						 : config_setting_get_int64(setting);

	if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
		complain_type(reader, setting, key);
	else if (number < key->min || number > key->max)
		complain_range(reader, setting, key, "");
	else if (key->type == KEY_INT)
		*(int *)place = (int)number;
	else
		*(int64_t *)place = number;
}

static void read_quantity(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	const char *text = config_setting_get_string(setting);
	int64_t number = 0, factor = key->type == KEY_SECONDS ? 1000000 : 1;
	bool fine = text && (key->type == KEY_MIB ? units_size(text, &number)
						  : units_duration(text, &number));
	static const char *const units[] = {
		[KEY_MICROS] = " us", [KEY_SECONDS] = " s", [KEY_MIB] = " MiB"};

	if (!fine || number % factor != 0)
		complain_type(reader, setting, key);
	else if (number / factor < key->min || number / factor > key->max)
		complain_range(reader, setting, key, units[key->type]);
	else
		*(int64_t *)place = number / factor;
}

static void read_bool(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
		complain_type(reader, setting, key);
	else if (key->type == KEY_FLAG)
		*(bool *)place = config_setting_get_bool(setting);
	else
		*(int *)place = config_setting_get_bool(setting) ? TOGGLE_ON : TOGGLE_OFF;
}

static void read_words(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *place)
{
	int count = config_setting_is_aggregate(setting) ? config_setting_length(setting) : 0;
	char **words = talloc_zero_array(reader->ctx, char *, (unsigned)count + 1);

	if (count < key->min || !config_setting_is_aggregate(setting)) {
		complain_type(reader, setting, key);
		return;
	}
	for (int i = 0; i < count; i++) {
		const char *text = config_setting_get_string_elem(setting, i);
		if (!text || config_setting_is_group(setting)) {
			complain_type(reader, setting, key);
			return;
		}
		if (key->choices && find_choice(key->choices, text) < 0)
			complain_choice(reader, setting, key, text);
		words[i] = talloc_strdup(words, text);
	}
	*(char ***)place = words;
}

static void read_key(
	struct reader *reader, const config_setting_t *setting, const struct key *key, void *target)
{
	void *place = (char *)target + key->offset;

	switch (key->type) {
	case KEY_STRING:
	case KEY_CMDLINE:
	case KEY_CHOICE:
		read_string(reader, setting, key, place);
		return;
	case KEY_INT:
	case KEY_INT64:
		read_integer(reader, setting, key, place);
		return;
	case KEY_MICROS:
	case KEY_SECONDS:
	case KEY_MIB:
		read_quantity(reader, setting, key, place);
		return;
	case KEY_BOOL:
	case KEY_FLAG:
		read_bool(reader, setting, key, place);
		return;
	case KEY_CPUS:
		read_cpus(reader, setting, key, place);
		return;
	case KEY_WORDS:
		read_words(reader, setting, key, place);
		return;
	case KEY_GROUP:
		if (!config_setting_is_group(setting))
			complain_type(reader, setting, key);
	}
}

void keys_read(
	struct reader *reader, const config_setting_t *group, const struct key *keys, void *target)
{
	for (int i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
		const struct key *key = keys;
		while (key->name && strcmp(key->name, config_setting_name(setting)) != 0)
			key++;
		if (key->name)
			read_key(reader, setting, key, target);
		else
			complain_unknown(reader, setting, keys);
	}
}

void keys_check_name(struct reader *reader, const config_setting_t *setting, const char *name)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	char *others = talloc_asprintf(NULL, "%s._-", letters);

	if (!*name || !strchr(letters, *name) || name[strspn(name, others)])
		reader_complain(reader, setting,
			"the name \"%s\" becomes part of file names; it has to begin with a "
			"letter or digit and to hold nothing but letters, digits, '.', '_' and '-'",
			name);
	else if (strlen(name) > NAME_LIMIT)
		reader_complain(reader, setting, "the name \"%s\" is longer than %d characters",
			name, NAME_LIMIT);
	talloc_free(others);
}

bool keys_check_member(struct reader *reader, const config_setting_t *setting, const char *what)
{
	const char *name = config_setting_name(setting);

	keys_check_name(reader, setting, name);
	if (config_setting_is_group(setting))
		return true;
	reader_complain(reader, setting, "%s %s has to be a group, { ... }", what, name);
	return false;
}

unsigned words_count(char *const *words)
{
	unsigned count = 0;

	while (words[count])
		count++;
	return count;
}

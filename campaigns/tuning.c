/* SPDX-License-Identifier: MIT */
#include "campaigns/tuning.h"

#include <string.h>
#include <talloc.h>

#include "campaigns/knobs.h"

struct expansion {
	struct reader *reader;
	const config_setting_t *group;
	bool running;
	char **settings; /* talloc array, NULL-terminated */
	unsigned count;
};

static void put(struct expansion *expansion, const char *setting)
{
	unsigned at = 0;

	while (at < expansion->count && knob_find(expansion->settings[at]) != knob_find(setting))
		at++;
	if (at == expansion->count) {
		expansion->settings = talloc_realloc(expansion->reader->ctx, expansion->settings,
			char *, ++expansion->count + 1);
		expansion->settings[expansion->count] = NULL;
	}
	expansion->settings[at] = talloc_strdup(expansion->reader->ctx, setting);
}

static bool allows(const struct knob *knob, const char *value)
{
	for (const char *const *word = knob->values; word && *word; word++)
		if (strcmp(*word, value) == 0)
			return true;
	return !knob->values && *value && !value[strcspn(value, " \t\n'\"$`\\{};|&<>#")];
}

static void complain_value(struct expansion *expansion, const struct knob *knob, const char *word)
{
	char *known = talloc_strdup(NULL, "");

	for (const char *const *value = knob->values; value && *value; value++)
		known = talloc_asprintf_append(known, " \"%s=%s\"", knob->name, *value);
	reader_complain(expansion->reader, expansion->group,
		"tuning \"%s\": %s (%s) cannot be that; say%s", word, knob->name, knob->meaning,
		*known ? known : " a value without spaces or quotes behind the =");
	talloc_free(known);
}

static void complain_unknown(struct expansion *expansion, const char *word)
{
	char *known = talloc_strdup(NULL, "");

	for (const struct knob *knob = knobs; knob->name; knob++)
		if (!expansion->running || knob->file)
			known = talloc_asprintf_append(known, " %s", knob->name);
	reader_complain(expansion->reader, expansion->group,
		"tuning \"%s\" is neither a profile (quiet, latency) nor a knob with its value, such "
		"as \"thp=never\"; knobs are:%s",
		word, known);
	talloc_free(known);
}

static void add_setting(struct expansion *expansion, const char *word)
{
	const struct knob *knob = strchr(word, '=') ? knob_find(word) : NULL;

	if (!knob)
		complain_unknown(expansion, word);
	else if (expansion->running && knob->word)
		reader_complain(expansion->reader, expansion->group,
			"tuning \"%s\" belongs to the boot, so it cannot change from run to run; say "
			"it in the setups",
			word);
	else if (!allows(knob, knob_value(word)))
		complain_value(expansion, knob, word);
	else
		put(expansion, word);
}

char **tuning_expand(
	struct reader *reader, const config_setting_t *group, char *const *words, bool running)
{
	struct expansion expansion = {
		reader, group, running, talloc_zero_array(reader->ctx, char *, 1), 0};

	for (; *words; words++) {
		const char *const *profile = knob_profile(*words);
		if (!profile)
			add_setting(&expansion, *words);
		/* A profile's knobs of the boot are left out where there is no boot to come. */
		for (; profile && *profile; profile++)
			if (!running || knob_find(*profile)->file)
				put(&expansion, *profile);
	}
	return expansion.settings;
}

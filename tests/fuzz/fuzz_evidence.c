/* SPDX-License-Identifier: MIT */
/* What Linux prints about itself, and the difference of two samples of it. */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "evidence/environment.h"
#include "evidence/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_interrupts(const char *text)
{
	json_t *none = json_pack("{s:{}}", "interrupts");
	json_t *sample = json_pack("{s:o}", "interrupts", parse_interrupts(text));
	json_t *same = environment_change(sample, sample), *all = environment_change(none, sample);
	const char *label;
	const json_t *line;

	json_object_foreach(json_object_get(sample, "interrupts"), label, line)
	{
		if (!*label || json_integer_value(json_object_get(line, "count")) < 0 ||
			!json_is_string(json_object_get(line, "name")))
			abort();
	}
	if (json_array_size(json_object_get(same, "interrupts")) != 0 ||
		json_array_size(json_object_get(all, "interrupts")) >
			json_object_size(json_object_get(sample, "interrupts")))
		abort();
	json_decref(none);
	json_decref(sample);
	json_decref(same);
	json_decref(all);
}

static void check_messages(const char *text)
{
	struct messages messages = {0, json_array()};

	parse_messages(text, 3, &messages);
	if (json_array_size(messages.last) != (messages.count < 3 ? messages.count : 3))
		abort();
	for (size_t i = 0; i < json_array_size(messages.last); i++)
		if (!json_is_string(json_array_get(messages.last, i)))
			abort();
	json_decref(messages.last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = talloc_strndup(NULL, (const char *)data, size);
	uint64_t number = 0;

	check_interrupts(text);
	check_messages(text);
	const char *value = parse_info(text, text, "model name");
	if (value && (strchr(value, '\n') || !strstr(text, "model name")))
		abort();
	if (parse_stat(text, "cpu", PARSE_STAT_STEAL, &number) && !strstr(text, "cpu "))
		abort();
	if (parse_has_word(text, "hypervisor") && !strstr(text, "hypervisor"))
		abort();
	talloc_free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
#include "evidence/host.h"

#include <talloc.h>

#include "base/files.h"
#include "evidence/reading.h"

#define CPU "sys/devices/system/cpu/"
#define CLOCKSOURCE "sys/devices/system/clocksource/clocksource0/"

static json_t *describe_time(int root)
{
	struct reading time = reading_begin(root);

	reading_text(&time, "clocksource", CLOCKSOURCE "current_clocksource");
	reading_text(&time, "available", CLOCKSOURCE "available_clocksource");
	return time.json;
}

/* Each is a file of one line: what the processor suffers from, and what is done about it. */
static void read_vulnerabilities(struct reading *isolation)
{
	struct err why;
	char **names, *text;

	if (directory_list(NULL, isolation->root, CPU "vulnerabilities", &names, &why) < 0) {
		reading_null(isolation, "vulnerabilities", "%s", why.text);
		return;
	}
	json_t *all = json_object();
	for (char **name = names; *name; name++) {
		char *path = talloc_asprintf(names, CPU "vulnerabilities/%s", *name);
		if (read_text(names, isolation->root, path, &text, NULL) == 0)
			json_object_set_new(all, *name, json_string(text));
	}
	json_object_set_new(isolation->json, "vulnerabilities", all);
	talloc_free(names);
}

static json_t *describe_isolation(int root)
{
	struct reading isolation = reading_begin(root);

	reading_text(&isolation, "online", CPU "online");
	reading_text(&isolation, "isolated", CPU "isolated");
	reading_text(&isolation, "nohz_full", CPU "nohz_full");
	reading_flag(&isolation, "smt_active", CPU "smt/active");
	read_vulnerabilities(&isolation);
	return isolation.json;
}

json_t *host_describe(int root)
{
	return json_pack("{s:o, s:o, s:o, s:o}", "hardware", host_hardware(root), "power",
		host_power(root), "time", describe_time(root), "isolation",
		describe_isolation(root));
}

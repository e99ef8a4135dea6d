/* SPDX-License-Identifier: MIT */
#include "statemachine/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "report/log.h"

static void append(int campaign, const char *line)
{
	autoclose int fd = openat(
		campaign, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	size_t size = strlen(line);

	if (fd < 0 || write(fd, line, size) != (ssize_t)size || fdatasync(fd) < 0)
		fprintf(stderr, "<4>the campaign's log cannot be written: %s\n", strerror(errno));
}

void journal(int campaign, enum journal_level level, const char *format, ...)
{
	bool warning = level == JOURNAL_WARNING;
	char stamp[32];
	time_t now = time(NULL);
	va_list args;

	va_start(args, format);
	char *text = talloc_vasprintf(NULL, format, args);
	va_end(args);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	char *line =
		talloc_asprintf(text, "%s%s%s\n", stamp, warning ? LOG_WARNING : " info: ", text);
	append(campaign, line);
	/* The journal reads the level from the prefix; a person at a terminal needs none. */
	fprintf(stderr, "%s%s\n", !getenv("JOURNAL_STREAM") ? "" : warning ? "<4>" : "<6>", text);
	talloc_free(text);
}

char **journal_warnings(void *ctx, int campaign)
{
	char **warnings = talloc_zero_array(ctx, char *, 1), *text, *rest;
	unsigned count = 0;

	if (log_read(warnings, campaign, &text, NULL, NULL) < 0)
		return warnings;
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		char *mark = strstr(line, LOG_WARNING);
		/* How a run ended its result tells. */
		if (!mark || strstr(mark, " ends as "))
			continue;
		warnings = talloc_realloc(ctx, warnings, char *, count + 2);
		warnings[count++] = talloc_asprintf(
			warnings, "%.*s: %s", (int)(mark - line), line, mark + strlen(LOG_WARNING));
		warnings[count] = NULL;
	}
	return warnings;
}

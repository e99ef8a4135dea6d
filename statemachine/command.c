/* SPDX-License-Identifier: MIT */
#include "statemachine/command.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "campaigns/campaign.h"

/* A guest's boot and answer take some seconds beside the measurement itself. */
#define GUEST_SECONDS 15

int command_fail(int status, const char *format, ...)
{
	va_list args;

	fputs("latcampaign: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

void command_complain(const struct complaints *complaints)
{
	for (unsigned i = 0; i < complaints->count; i++)
		fprintf(stderr, "%s\n", complaints->lines[i]);
}

static const char *find_campaign(void *ctx, const char *operand)
{
	if (strchr(operand, '/') || file_exists(AT_FDCWD, operand))
		return operand;
	char *shipped = talloc_asprintf(ctx, "%s/campaigns/%s", DATADIR, operand);
	return file_exists(AT_FDCWD, shipped) ? shipped : operand;
}

int command_read_campaign(
	void *ctx, const struct command_line *line, struct plan **ret_plan, const char **ret_path)
{
	struct complaints complaints = {0};

	if (!line->operand)
		return command_fail(COMMAND_USAGE,
			"a campaign file is missing; `latcampaign --help` shows how to call it");
	const char *path = find_campaign(ctx, line->operand);
	if (path != line->operand)
		fprintf(stderr, "using %s\n", path);
	if (campaign_read(ctx, path, line->overrides, ret_plan, &complaints) < 0) {
		command_complain(&complaints);
		return COMMAND_USAGE;
	}
	if (ret_path)
		*ret_path = path;
	return COMMAND_FINE;
}

char *command_duration(void *ctx, int64_t seconds)
{
	int64_t hours = seconds / 3600, minutes = seconds / 60 % 60, rest = seconds % 60;

	if (hours > 0)
		return talloc_asprintf(ctx, "%ld h %ld min", hours, minutes);
	if (minutes > 0)
		return talloc_asprintf(ctx, "%ld min %ld s", minutes, rest);
	return talloc_asprintf(ctx, "%ld s", rest);
}

char *command_time(void *ctx, int64_t when)
{
	time_t now = time(NULL), then = (time_t)when;
	struct tm today, tm;
	char text[32];

	localtime_r(&now, &today);
	localtime_r(&then, &tm);
	bool same_day = tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday;
	strftime(text, sizeof(text), same_day ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &tm);
	return talloc_strdup(ctx, text);
}

int64_t command_expected_seconds(
	const struct plan *plan, const bool *done, unsigned boots, int64_t boot_seconds)
{
	int64_t seconds = boots * boot_seconds;

	for (unsigned run = 0; run < plan->run_count; run++)
		if (!done || !done[run])
			seconds += plan->experiments[plan->runs[run].experiment]
					   .cyclictest.duration_s +
				   GUEST_SECONDS;
	return seconds;
}

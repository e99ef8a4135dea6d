/* SPDX-License-Identifier: MIT */
/*
 * The commands that measure a campaign again.
 */
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/shell.h"
#include "report/page-parts.h"

/* What was said on the command line but the name: it is taken here. */
static char *options_of(void *ctx, const struct plan *plan)
{
	char *options = talloc_asprintf(ctx, " --set name=%s-2", plan->name);

	for (char **override = plan->overrides; *override; override++)
		if (strncmp(*override, "name=", 5) != 0)
			options = talloc_asprintf_append(
				options, " --set %s", shell_word(ctx, *override));
	return options;
}

/* How others measured is not known. */
static char *measure_commands(void *ctx, const struct report *report)
{
	bool inputs = file_exists(report->campaign, "inputs");

	if (report->plan->imported)
		return talloc_strdup(ctx, "");
	char *options = options_of(ctx, report->plan);
	return talloc_asprintf(ctx,
		"# Measure again, under another name%s\n"
		"sudo latcampaign prepare%s campaign.cfg\n"
		"sudo latcampaign start%s campaign.cfg\n",
		inputs ? "; first copy inputs/ to where campaign.cfg names its files" : "", options,
		options);
}

char *method_commands(void *ctx, const struct report *report)
{
	return talloc_asprintf(ctx,
		"# Is everything as it was made?\n"
		"sha256sum -c SHA256SUMS\n"
		"%s"
		"# This page and the figures anew from runs/; the figures alone\n"
		"sudo latcampaign report %s\n"
		"(cd figures && gnuplot *.gp)\n",
		measure_commands(ctx, report), report->plan->name);
}

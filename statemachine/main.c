/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/spawn.h"
#include "statemachine/command.h"

static const struct command commands[] = {
	{"check", "FILE", "set machine", "is this campaign right, and can this machine run it?",
		"Tells everything that is wrong with a campaign, each with file and line.\n"
		"With --machine also everything that keeps this machine from running it, each\n"
		"with its remedy. Changes nothing.\n",
		command_check},
	{"plan", "FILE", "set json", "visits, runs, reboots and expected time",
		"Shows what a campaign would do, in which order, and how long it takes.\n",
		command_plan},
	{"build", "FILE", "set", "build the kernels of a campaign from source, install nothing",
		"Each kernel is built once and kept in /var/cache/latcampaign. Needs no root where\n"
		"that can be written.\n",
		command_build},
	{"prepare", "FILE", "set yes dry-run",
		"install and build what the campaign needs on this machine",
		"Shows what it would install, build and change, and asks. The default boot entry\n"
		"stays what it is. Can be repeated; `latcampaign unprepare` takes it back. Needs "
		"root.\n",
		command_prepare},
	{"unprepare", "", "yes", "take back all that prepare did to this machine",
		"Removes the packages that came with prepare, built kernels, and what kept the\n"
		"default boot entry. Results stay. Needs root.\n",
		command_unprepare},
	{"start", "FILE", "set",
		"start a campaign, or go on with a stopped one; the machine reboots",
		"Checks campaign and machine, freezes the campaign and reboots through its setups\n"
		"until every run has an outcome; then the machine is home again, with figures and\n"
		"report in " STATEDIR "/NAME/. Needs root.\n",
		command_start},
	{"status", "[NAME]", "json", "how far is it, what went wrong, when will it end?",
		"Exit status 1 when something did not go as asked.\n", command_status},
	{"stop", "[NAME]", "now", "finish the run under way, go home, keep everything",
		"With --now the run under way is dropped. `latcampaign start` with the same\n"
		"campaign goes on later. Works from any state, damaged files included. Needs root.\n",
		command_stop},
	{"log", "[NAME]", "", "everything that happened, with times", "", command_log},
	{"report", "[NAME]", "text latex",
		"print the report; as root, write it and the figures anew first",
		"Prints report.txt. As root report.html (the same as a page, with the figures),\n"
		"figures and exports for programs are written anew first. With --latex it prints\n"
		"the tables of a paper instead (they need booktabs), and writes nothing.\n"
		"Exit status 1 when a run exceeded a threshold of the campaign, or a figure could "
		"not be drawn.\n",
		command_report},
	{"compare", "A B", "", "two campaigns side by side: what differs, and by how much",
		"A and B are names of campaigns, or directories (with a slash in them), such as those\n"
		"that were copied from another machine. Tells what was asked and found differently, and\n"
		"the latencies of both, cell by cell. Needs no root.\n",
		command_compare},
	{"import", "NAME FILE...", "boots interval duration histogram setup experiment",
		"make a campaign of what others measured with cyclictest",
		"Each FILE is the output of one cyclictest: what -h, -H or --histfile gave, --json with\n"
		"a histogram, or a log of samples of any size: that of -v, or one latency in us a line.\n"
		"All of them are runs of one cell, and further commands add further cells to the same\n"
		"campaign, which can be reported and compared like any other:\n\n"
		"  latcampaign import paper kvm-rt-rt.txt --setup kvm-rt --experiment rt \\\n"
		"      --interval 100us --duration 10m\n\n"
		"  --interval TIME    cyclictest's -i\n"
		"  --duration TIME    how long each measured\n"
		"  --setup NAME       the cell's setup (default: imported)\n"
		"  --experiment NAME  the cell's experiment (default: imported)\n"
		"  --histogram TIME   cyclictest's -h; JSON and logs of samples do not tell it\n"
		"  --boots            each FILE comes from a boot of its own; without it they count as\n"
		"                     one boot, since nothing else is known\n\n"
		"Needs root, or a --root that is one's own.\n",
		command_import},
	{"resume", "", "", "go on after a boot; latcampaign.service calls it",
		"Not for persons: the systemd unit calls it after each boot. Needs root.\n",
		command_resume},
	{"withdraw", "", "", "take everything of ours out of the boot loader; removal calls it",
		"Ends the campaign at once, whatever state it is in. Results stay. Needs root.\n",
		command_withdraw},
	{"leaving", "", "", "note who shuts the machine down; latcampaign.service calls it",
		"Not for persons: the systemd unit calls it when it stops. Needs root.\n",
		command_leaving},
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(*commands))

enum {
	OPTION_HELP = 'h',
	OPTION_VERSION = 'V',
	OPTION_SET = 256,
	OPTION_ROOT,
	OPTION_JSON,
	OPTION_MACHINE,
	OPTION_NOW,
	OPTION_YES,
	OPTION_DRY_RUN,
	OPTION_TEXT,
	OPTION_LATEX,
	OPTION_BOOTS,
	OPTION_INTERVAL,
	OPTION_DURATION,
	OPTION_HISTOGRAM,
	OPTION_SETUP,
	OPTION_EXPERIMENT
};

static const struct option options[] = {
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"set", required_argument, NULL, OPTION_SET},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"json", no_argument, NULL, OPTION_JSON},
	{"machine", no_argument, NULL, OPTION_MACHINE},
	{"now", no_argument, NULL, OPTION_NOW},
	{"yes", no_argument, NULL, OPTION_YES},
	{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
	{"boots", no_argument, NULL, OPTION_BOOTS},
	{"interval", required_argument, NULL, OPTION_INTERVAL},
	{"duration", required_argument, NULL, OPTION_DURATION},
	{"histogram", required_argument, NULL, OPTION_HISTOGRAM},
	{"setup", required_argument, NULL, OPTION_SETUP},
	{"experiment", required_argument, NULL, OPTION_EXPERIMENT},
	{"text", no_argument, NULL, OPTION_TEXT},
	{"latex", no_argument, NULL, OPTION_LATEX},
	{0},
};

static void print_help(void)
{
	printf("latcampaign measures how late a machine wakes up, in every setup, overnight.\n\n"
	       "usage: latcampaign COMMAND [OPTION...] [FILE|NAME]\n\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		printf("  %-11s%-14s%s\n", commands[i].name, commands[i].operand,
			commands[i].summary);
	printf("\n"
	       "  --set KEY=VALUE  override a value of the campaign (check, plan, prepare, "
	       "start)\n"
	       "  --machine        check this machine too (check)\n"
	       "  --json           for programs (plan, status)\n"
	       "  --now            drop the run under way (stop)\n"
	       "  --yes            do not ask (prepare, unprepare)\n"
	       "  --dry-run        only show what would be done (prepare)\n"
	       "  --text, --latex  as report.txt (default), or the tables for a paper (report)\n"
	       "  import has more, see latcampaign import --help\n"
	       "  --root DIR       work on the machine below DIR\n"
	       "  --help           of latcampaign or of a command\n"
	       "  --version\n\n"
	       "Exit status: 0 fine, 1 failed, 2 usage or campaign.\n"
	       "latcampaign.cfg(5) tells how a campaign is written.\n");
}

static int print_command_help(const struct command *command)
{
	printf("usage: latcampaign %s [OPTION...]%s%s\n\n%s.\n%s", command->name,
		*command->operand ? " " : "", command->operand, command->summary, command->help);
	printf("\nOptions: --root");
	for (const char *name = command->options; *name; name += strcspn(name, " ")) {
		name += *name == ' ';
		printf(" --%.*s", (int)strcspn(name, " "), name);
	}
	printf("\n");
	return COMMAND_FINE;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

/* What the options say; `status` >= 0 ends the program. */
struct parsed {
	struct command_line line;
	const char **overrides; /* talloc array, NULL-terminated */
	char *names;            /* of all that are not for every command, "set yes " */
	unsigned override_count;
	bool help;
	int status;
};

static void add_override(void *ctx, struct parsed *parsed, const char *text)
{
	parsed->overrides =
		talloc_realloc(ctx, parsed->overrides, const char *, parsed->override_count + 2);
	parsed->overrides[parsed->override_count++] = text;
	parsed->overrides[parsed->override_count] = NULL;
}

/* What import wants to be told. */
static bool take_import_option(struct command_line *line, int option)
{
	switch (option) {
	case OPTION_BOOTS:
		line->boots = true;
		return true;
	case OPTION_INTERVAL:
		line->interval = optarg;
		return true;
	case OPTION_DURATION:
		line->duration = optarg;
		return true;
	case OPTION_HISTOGRAM:
		line->histogram = optarg;
		return true;
	case OPTION_SETUP:
		line->setup = optarg;
		return true;
	case OPTION_EXPERIMENT:
		line->experiment = optarg;
		return true;
	default:
		return false;
	}
}

/* The options without an argument that a command looks at; NULL for the others. */
static bool *flag_of(struct command_line *line, int option)
{
	switch (option) {
	case OPTION_JSON:
		return &line->json;
	case OPTION_MACHINE:
		return &line->machine;
	case OPTION_NOW:
		return &line->now;
	case OPTION_YES:
		return &line->yes;
	case OPTION_DRY_RUN:
		return &line->dry_run;
	case OPTION_TEXT:
		return &line->text;
	case OPTION_LATEX:
		return &line->latex;
	default:
		return NULL;
	}
}

static void take_option(void *ctx, struct parsed *parsed, int option)
{
	bool *flag = flag_of(&parsed->line, option);

	if (flag) {
		*flag = true;
		return;
	}
	switch (option) {
	case OPTION_HELP:
		parsed->help = true;
		return;
	case OPTION_VERSION:
		printf("latcampaign " VERSION "\n");
		parsed->status = COMMAND_FINE;
		return;
	case OPTION_SET:
		add_override(ctx, parsed, optarg);
		return;
	case OPTION_ROOT:
		parsed->line.root = optarg;
		return;
	default:
		if (take_import_option(&parsed->line, option))
			return;
		parsed->status = COMMAND_USAGE; /* getopt has printed the sentence */
	}
}

/* As the usage says: one for each word, any number when it ends in "...". */
static unsigned most_operands(const struct command *command)
{
	unsigned words = *command->operand != '\0';

	if (strstr(command->operand, "..."))
		return UINT_MAX;
	for (const char *c = command->operand; *c; c++)
		words += *c == ' ';
	return words;
}

static int complain_operands(const struct command *command, const char *last)
{
	unsigned most = most_operands(command);

	return command_fail(COMMAND_USAGE, "%s takes %s, and \"%s\" is too much", command->name,
		most == 0   ? "no operand"
		: most == 1 ? "one operand"
			    : "two operands",
		last);
}

/* One that the command would pass over in silence might have been meant to keep it from something.
 */
static int complain_options(void *ctx, const struct command *command, const char *names)
{
	char *rest, *known = talloc_asprintf(ctx, " %s ", command->options),
		    *given = talloc_strdup(ctx, names);

	for (char *name = strtok_r(given, " ", &rest); name; name = strtok_r(NULL, " ", &rest))
		if (!strstr(known, talloc_asprintf(ctx, " %s ", name)))
			return command_fail(COMMAND_USAGE,
				"%s does not take --%s; `latcampaign %s --help` tells what it takes",
				command->name, name, command->name);
	return COMMAND_FINE;
}

static int run(void *ctx, const struct parsed *parsed, int argc, char **argv)
{
	struct command_line line = parsed->line;

	if (optind >= argc) {
		print_help();
		return parsed->help ? COMMAND_FINE : COMMAND_USAGE;
	}
	const struct command *command = find_command(argv[optind]);
	if (!command)
		return command_fail(COMMAND_USAGE,
			"there is no command \"%s\"; `latcampaign --help` lists them",
			argv[optind]);
	if (parsed->help)
		return print_command_help(command);
	if (complain_options(ctx, command, parsed->names) != COMMAND_FINE)
		return COMMAND_USAGE;
	line.operand_count = (unsigned)(argc - optind - 1);
	if (line.operand_count > most_operands(command))
		return complain_operands(command, argv[argc - 1]);
	line.operands = argv + optind + 1;
	line.operand = line.operand_count > 0 ? *line.operands : NULL;
	line.overrides = parsed->overrides;
	return command->run(&line);
}

int main(int argc, char **argv)
{
	void *ctx = talloc_new(NULL);
	struct parsed parsed = {.line.root = "", .status = -1, .names = talloc_strdup(ctx, "")};
	int option, number;

	/* Programs are looked for where root's are, whoever calls. */
	setenv("PATH", SPAWN_PATH, 1);
	while (parsed.status < 0 &&
		(option = getopt_long(argc, argv, "hV", options, &number)) != -1) {
		if (option >= OPTION_SET && option != OPTION_ROOT)
			parsed.names =
				talloc_asprintf_append(parsed.names, "%s ", options[number].name);
		take_option(ctx, &parsed, option);
	}
	int status = parsed.status >= 0 ? parsed.status : run(ctx, &parsed, argc, argv);
	talloc_free(ctx);
	return status;
}

/* SPDX-License-Identifier: MIT */
/*
 * The commands. Only these (and drive.c's log) print. Exit statuses: 0 fine, 1 failed, 2 usage or
 * campaign.
 */
#ifndef STATEMACHINE_COMMAND_H
#define STATEMACHINE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/complaints.h"
#include "campaigns/plan.h"

enum {
	COMMAND_FINE = 0,
	COMMAND_FAILED = 1,
	COMMAND_USAGE = 2,
};

/* What main() has read of the command line. */
struct command_line {
	const char *root;        /* --root: stands before every path; "" without it */
	bool json, machine, now; /* --json, --machine, --now */
	bool yes, dry_run;       /* --yes, --dry-run */
	bool text, latex;        /* --text, --latex */
	bool boots;              /* --boots */
	/* --interval, --duration, --histogram, --setup, --experiment; NULL: not said */
	const char *interval, *duration, *histogram, *setup, *experiment;
	const char *const *overrides; /* --set, NULL-terminated */
	const char *operand;          /* FILE or NAME, the first; NULL when there is none */
	char *const *operands;        /* all of them */
	unsigned operand_count;
};

struct command {
	const char *name;
	const char *operand; /* as in the usage: "FILE", "[NAME]", "A B", "NAME FILE...", "" */
	const char *options; /* the names of those that it takes beside --root: "set json" */
	const char *summary;
	const char *help; /* what --help says below the usage, ends in a newline */
	int (*run)(const struct command_line *line);
};

int command_check(const struct command_line *line);
int command_plan(const struct command_line *line);
int command_build(const struct command_line *line);
int command_prepare(const struct command_line *line);
int command_unprepare(const struct command_line *line);
int command_start(const struct command_line *line);
int command_status(const struct command_line *line);
int command_stop(const struct command_line *line);
int command_log(const struct command_line *line);
int command_report(const struct command_line *line);
int command_compare(const struct command_line *line);
int command_import(const struct command_line *line);
int command_resume(const struct command_line *line);
int command_withdraw(const struct command_line *line);
int command_leaving(const struct command_line *line);

/* Prints "latcampaign: SENTENCE" on stderr and returns `status`. */
int command_fail(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints each complaint on stderr. */
void command_complain(const struct complaints *complaints);

/*
 * Reads the campaign of the command line: the file itself or, for a name without slash that is
 * not here, one of those that came with latcampaign. COMMAND_FINE and `ret_plan` (a talloc child
 * of `ctx`), or the exit status after everything wrong has been printed. `ret_path` may be NULL.
 */
int command_read_campaign(
	void *ctx, const struct command_line *line, struct plan **ret_plan, const char **ret_path);

/* COMMAND_FINE when no campaign is under way, whose machine the command `name` would change. */
int command_need_idle(const struct command_line *line, const char *name);

/* COMMAND_FINE when root may change this machine: --yes, or a person who says so. */
int command_need_consent(const struct command_line *line);

/* "1 h 20 min", "2 min 5 s", ...; a talloc child of `ctx`. */
char *command_duration(void *ctx, int64_t seconds);

/* "03:12:41" today, "2026-11-23 03:12:41" otherwise, local time; a talloc child of `ctx`. */
char *command_time(void *ctx, int64_t when);

/* Until a boot has been measured: what a server with a long POST takes. */
#define COMMAND_BOOT_SECONDS 180

/* Seconds that the campaign still takes, as far as one can know: the open runs (`done` NULL: all)
 * with their guests, and `boots` boots of `boot_seconds`. */
int64_t command_expected_seconds(
	const struct plan *plan, const bool *done, unsigned boots, int64_t boot_seconds);

/* All that keeps this machine from running the plan (which gets resolved). */
void machine_check(struct plan *plan, const char *root, struct complaints *complaints);

#endif

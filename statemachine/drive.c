/* SPDX-License-Identifier: MIT */
#include "statemachine/drive.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <systemd/sd-daemon.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "evidence/binaries.h"
#include "kernels/kernel.h"
#include "statemachine/effects.h"
#include "statemachine/journal.h"
#include "statemachine/reboot.h"
#include "statemachine/recover.h"
#include "statemachine/store.h"
#include "tuning/tuning.h"
#include "watchdogs/watchdogs.h"

#define UP_SECONDS 600 /* for the machine to finish its boot */
#define GUARD_SECONDS 60
#define GOING_DOWN_MS 600000 /* for systemd to end us after a reboot was asked for */
#define FAILURES_IN_A_ROW 3  /* of one effect, before the runner gives up */

/* Waits, by event, until systemd has nothing left to start. A degraded machine is up as well. */
static int wait_until_up(const struct opened *opened, struct err *err)
{
	static const char *const argv[] = {"systemctl", "is-system-running", "--wait", NULL};
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;

	options.timeout_seconds = UP_SECONDS;
	int r = spawn_run(&options, &result, err);

	if (r == 0 && result.how != SPAWN_EXITED) {
		char *how = spawn_describe(NULL, &result);
		journal(opened->campaign, JOURNAL_WARNING,
			"the machine is not up and quiet: systemctl is-system-running --wait %s",
			how);
		talloc_free(how);
	}
	return r;
}

/* The runner is here, so that the boot has not gone wrong: the guard's timer is not needed. */
static void relieve_guard(const struct opened *opened)
{
	static const char *const argv[] = {"systemctl", "stop", "latcampaign-guard.timer", NULL};
	struct err err;

	if (spawn_read(NULL, argv, GUARD_SECONDS, NULL, &err) < 0)
		journal(opened->campaign, JOURNAL_WARNING, "the guard cannot be stopped: %s",
			err.text);
}

static int watch_cancel(const struct opened *opened, int *ret_fd, struct err *err)
{
	int r = directory_make(opened->campaign, "cancel", err);

	if (r < 0)
		return r;
	char *path = talloc_asprintf(NULL, "/proc/self/fd/%d/cancel", opened->campaign);
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (fd < 0 || inotify_add_watch(fd, path, IN_MOVED_TO) < 0)
		r = err_set(err, -errno, "cancel: cannot be watched: %s", strerror(errno));
	else
		*ret_fd = fd;
	talloc_free(path);
	return r;
}

static const char *visit_name(const struct runner *runner)
{
	const struct plan *plan = runner->opened->plan;

	return plan->setups[plan->visits[runner->opened->record->state.visit].setup].name;
}

/* What was asked and was not found, for the log. */
static void log_difference(const struct runner *runner)
{
	const struct plan *plan = runner->opened->plan;
	const struct state *state = &runner->opened->record->state;
	struct identity *asked =
		identity_asked(NULL, &plan->setups[plan->visits[state->visit].setup], state->token);
	char *difference = identity_difference(asked, asked, runner->found);

	journal(runner->opened->campaign, JOURNAL_WARNING,
		"%s did not come up as asked, nothing is measured in this boot: %s",
		visit_name(runner), difference ? difference : "no difference is left");
	talloc_free(asked);
}

/* A flag that is set already tells nothing of what comes. */
static void log_damage(const struct runner *runner)
{
	char *words = kernel_damage_words(NULL, kernel_damage(runner->opened->root_fd).bits);

	if (*words)
		journal(runner->opened->campaign, JOURNAL_WARNING,
			"the host's kernel reported %s before the first run of this boot", words);
	talloc_free(words);
}

static void log_arrival(const struct runner *runner, const char *setup)
{
	char *watchdog = hardware_watchdog(NULL, runner->opened->root_fd);

	log_damage(runner);
	journal(runner->opened->campaign, JOURNAL_INFO, "%s has come up and is proved; %s", setup,
		watchdog ? watchdog : "no hardware watchdog watches it");
	talloc_free(watchdog);
}

static void log_notes(const struct runner *runner, unsigned notes, unsigned visit)
{
	const struct opened *opened = runner->opened;
	const char *setup = opened->plan->setups[opened->plan->visits[visit].setup].name;
	int campaign = opened->campaign;

	if (notes & NOTE_ARRIVED)
		log_arrival(runner, setup);
	if (notes & NOTE_NOT_ARRIVED)
		journal(campaign, JOURNAL_WARNING,
			"%s was armed, but another boot came up (kernel %s, hypervisor %s)", setup,
			runner->found->release, runner->found->hypervisor);
	/* A run that failed before our eyes has been logged with its reason. */
	if ((notes & NOTE_RUN_BROKE) && !runner->decided)
		journal(campaign, JOURNAL_WARNING, "a run was cut off in %s and left no result",
			setup);
	if (notes & NOTE_VISIT_LOST)
		journal(campaign, JOURNAL_WARNING, "the machine rebooted in the middle of %s",
			setup);
	if (notes & NOTE_VISIT_DONE)
		journal(campaign, JOURNAL_INFO, "nothing is left to measure in %s", setup);
	if (notes & NOTE_HOME)
		journal(campaign, JOURNAL_INFO, "home again: kernel %s, hypervisor %s",
			runner->found->release, runner->found->hypervisor);
	if (notes & NOTE_AWAY)
		journal(campaign, JOURNAL_WARNING,
			"home did not come up: the campaign began in kernel %s, this is %s",
			opened->home->release, runner->found->release);
}

/* How long boots take, for the expected end: from the arming to the arrival. */
static void note_boot_time(struct runner *runner, unsigned notes, int64_t armed)
{
	int64_t seconds = time(NULL) - armed;

	/* Unless the clock was set on the way. */
	if ((notes & NOTE_ARRIVED) && seconds >= 0 && seconds <= LIMITS_BOOT_SECONDS_MAX)
		runner->opened->record->boot_seconds = seconds;
}

/* Counts the time of this boot; no change of the date touches it. */
static int count_time(const struct runner *runner, struct err *err)
{
	char *uptime;
	int r = file_read_line(NULL, runner->opened->root_fd, "proc/uptime", &uptime, err);

	if (r < 0)
		return r;
	record_count_time(
		runner->opened->record, runner->found->boot_id, strtoll(uptime, NULL, 10));
	talloc_free(uptime);
	return 0;
}

static int decide(struct runner *runner, struct step *ret, struct err *err)
{
	struct record *record = runner->opened->record;
	void *ctx = talloc_new(NULL);
	struct observation seen = {.done = NULL};
	int64_t armed = record->changed;
	unsigned visit = record->state.visit;
	int r = count_time(runner, err);

	if (r == 0)
		r = effects_observe(ctx, runner, &seen, err);
	if (r == 0 && record->state.phase == PHASE_BOOTING && seen.proof == BOOT_WRONG &&
		strcmp(seen.boot_id, record->state.boot_id) != 0)
		log_difference(runner);
	if (r == 0) {
		*ret = step(runner->step_plan, &record->state, &seen);
		note_boot_time(runner, ret->notes, armed);
		log_notes(runner, ret->notes, visit);
		runner->decided = true;
		talloc_free(record->trouble);
		record->trouble = talloc_strdup(record, "");
		r = record_save(
			record, runner->opened->campaign, runner->opened->plan, time(NULL), err);
	}
	talloc_free(ctx);
	return r;
}

/* The runner can do no more: it says why where status finds it, and leaves the machine alone. */
static int give_up(struct runner *runner, int code, const char *sentence)
{
	struct record *record = runner->opened->record;

	talloc_free(record->trouble);
	record->trouble = talloc_strdup(record, sentence);
	journal(runner->opened->campaign, JOURNAL_WARNING, "giving up: %s", sentence);
	record_save(record, runner->opened->campaign, runner->opened->plan, time(NULL), NULL);
	return code;
}

static int loop(struct runner *runner, struct err *err)
{
	unsigned failures = 0;

	for (;;) {
		struct step next = {ACTION_NONE, STEP_NO_RUN, 0};
		int r = decide(runner, &next, err);
		if (r < 0)
			return give_up(runner, r, err->text);
		if (next.action == ACTION_NONE)
			return 0;
		r = effects_perform(runner, &next, err);
		if (r > 0)
			return r;
		failures = r < 0 ? failures + 1 : 0;
		if (r < 0)
			journal(runner->opened->campaign, JOURNAL_WARNING, "%s", err->text);
		if (failures >= FAILURES_IN_A_ROW && next.action != ACTION_BOOT_VISIT &&
			next.action != ACTION_BOOT_HOME)
			return give_up(runner, r, err->text);
	}
}

/* A runner that was killed in a run of this boot may have left knobs turned. */
static void put_knobs_back(const struct opened *opened)
{
	struct err why = {""};

	if (tuning_restore(opened->root_fd, opened->campaign, &why) < 0)
		journal(opened->campaign, JOURNAL_WARNING, "a knob could not be put back: %s",
			why.text);
}

static int prepare(struct runner *runner, struct err *err)
{
	/* First: this wait has a bound of its own. */
	relieve_guard(runner->opened);
	int r = wait_until_up(runner->opened, err);

	put_knobs_back(runner->opened);
	if (r == 0)
		r = reboot_arrived(runner->opened->store, err);
	if (r == 0)
		r = identity_found(runner->opened, runner->opened->root_fd, &runner->found, err);
	if (r == 0)
		r = watch_cancel(runner->opened, &runner->cancel_fd, err);
	return r < 0 ? give_up(runner, r, err->text) : 0;
}

/* After the machine was asked to go down nothing more may be done: systemd ends us. */
static int wait_for_the_end(struct err *err)
{
	sd_notify(0, "STATUS=the machine is going down");
	poll(NULL, 0, GOING_DOWN_MS);
	return err_set(err, -ETIMEDOUT,
		"the machine was asked to reboot and did not go down in %d s; `systemctl "
		"list-jobs` tells what holds it",
		GOING_DOWN_MS / 1000);
}

static int drive_opened(struct runner *runner, struct err *err)
{
	runner->step_plan = record_step_plan(runner->opened, runner->opened->plan);
	runner->digests = digests_new(runner->opened);
	runner->binaries = binaries_new(runner->opened, runner->digests);
	sd_notify(0, "READY=1");
	int r = prepare(runner, err);
	return r == 0 ? loop(runner, err) : r;
}

/* Without a plan nothing can be measured: the machine is put in order and left alone. */
static int end_without_plan(const struct opened *opened, struct err *err)
{
	opened_need(opened, false, err);
	journal(opened->campaign, JOURNAL_WARNING, "the campaign ends: %s", err->text);
	return recover_home(opened->root, opened->store, err);
}

static int drive_campaign(void *ctx, const char *root, const char *name, struct err *err)
{
	struct runner runner = {.cancel_fd = -1};
	int r = opened_open(ctx, root, name, &runner.opened, err);

	if (r == 0 && !runner.opened->plan)
		return end_without_plan(runner.opened, err);
	if (r == 0 && !runner.opened->record)
		r = recover_record(runner.opened, err);
	if (r == 0)
		r = drive_opened(&runner, err);
	close_fd(&runner.cancel_fd);
	return r;
}

static int drive_locked(const char *root, int store, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *name = store_active(ctx, store);
	int r = name ? drive_campaign(ctx, root, name, err)
		     : err_set(err, -ENOENT, "no campaign is active");

	talloc_free(ctx);
	return r > 0 ? wait_for_the_end(err) : r;
}

int drive(const char *root, struct err *err)
{
	autoclose int store = -1, lock = -1;
	int r = store_open(root, false, &store, err);

	if (r == 0)
		r = store_lock(store, &lock, err);
	return r < 0 ? r : drive_locked(root, store, err);
}

/* SPDX-License-Identifier: MIT */
#include "statemachine/measure.h"

#include <errno.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "base/spawn.h"
#include "evidence/environment.h"
#include "guests/granted.h"
#include "guests/platform.h"
#include "kernels/kernel.h"
#include "loads/running.h"
#include "results/judge.h"
#include "statemachine/journal.h"
#include "statemachine/run-evidence.h"
#include "statemachine/run-json.h"
#include "tuning/tuning.h"

#define SYSTEMCTL_SECONDS 120

/* What a measurement leaves for run.json; NULL where there was nothing of the kind. */
struct findings {
	json_t *guest, *load, *tuning, *host, *environment;
};

/* Timers and cron fire into a measurement, and what they have started works on. They are stopped,
 * not disabled: the next boot starts them. Patterns: what is not there is no error. */
static void quieten(struct runner *runner)
{
	static const char *const argv[] = {"systemctl", "stop", "*.timer", "cron*.service",
		"anacron*.service", "atd*.service", "apt-daily*.service",
		"unattended-upgrades*.service", "fstrim*.service", NULL};
	struct err err;

	if (runner->quiet)
		return;
	runner->quiet = true;
	if (spawn_read(NULL, argv, SYSTEMCTL_SECONDS, NULL, &err) < 0)
		journal(runner->opened->campaign, JOURNAL_WARNING,
			"timers could not be kept away: %s", err.text);
}

/* A measurement in which the host's kernel came to harm tells nothing. */
static int need_no_damage(int root, const struct kernel_damage *before, struct err *err)
{
	unsigned long damage = kernel_damage_since(root, before);
	char *words = kernel_damage_words(NULL, damage);

	if (damage)
		err_set(err, -EIO,
			"the host's kernel reported %s during the run; `journalctl -k` shows it",
			words);
	talloc_free(words);
	return damage ? -EIO : 0;
}

/* Loads in guests tell when the guest's answer is there. */
static int prove_guest(
	const struct measurement *measurement, struct findings *findings, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	int r = 0;

	if (measurement->run->place != PLACE_HOST)
		r = granted_in_guest(experiment, measurement->directory, findings->guest, err);
	if (r == 0 && *experiment->load && experiment->load_place == LOAD_GUEST)
		r = loads_in_guest(experiment, measurement->directory, &findings->load, err);
	else if (r == 0 && *experiment->load && experiment->load_place == LOAD_NEIGHBOUR)
		r = loads_in_neighbours(experiment, json_object_get(findings->guest, "neighbours"),
			&findings->load, err);
	json_object_del(findings->guest, "neighbours");
	return r;
}

static int measure_place(
	const struct measurement *measurement, struct findings *findings, struct err *err)
{
	const struct platform *platform = platform_get(measurement->run->place);
	struct kernel_damage before = kernel_damage(measurement->root);
	int r = platform->measure(measurement, &findings->guest, err);

	if (r == 0)
		r = prove_guest(measurement, findings, err);
	return r == 0 ? need_no_damage(measurement->root, &before, err) : r;
}

/* With the host's loads around it. When one of them ended by itself, so did the measurement: then
 * that is the reason. */
static int measure_loaded(
	struct measurement *measurement, struct findings *findings, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	struct loads *loads;
	struct err why = {""};
	int r = loads_start(NULL, experiment, measurement->directory, &loads, err);

	if (r < 0)
		return r;
	measurement->beside_fd = loads_fd(loads);
	r = measure_place(measurement, findings, err);
	int stopped = loads_stop(loads, findings->load ? NULL : &findings->load, &why);
	talloc_free(loads);
	return stopped < 0 && (r == 0 || stopped == -ECHILD) ? err_set(err, stopped, "%s", why.text)
							     : r;
}

/* Whatever is read of the machine is read before the first load starts and after the last one has
 * ended. */
static int measure_watched(struct runner *runner, struct measurement *measurement,
	struct findings *findings, struct err *err)
{
	findings->host = run_host(runner, measurement->run);
	struct environment *environment = environment_begin(NULL, measurement->root);
	int r = measure_loaded(measurement, findings, err);

	findings->environment = environment_end(environment);
	talloc_free(environment);
	return r;
}

static int measure_tuned(struct runner *runner, struct measurement *measurement,
	struct findings *findings, struct err *err)
{
	const struct opened *opened = runner->opened;
	const struct run *run = measurement->run;
	struct tuning *tuning;
	struct err why = {""};
	int r = tuning_apply(NULL, opened->root_fd, opened->campaign,
		&opened->plan->setups[run->setup], &opened->plan->experiments[run->experiment],
		&tuning, &findings->tuning, err);

	if (r < 0)
		return r;
	r = measure_watched(runner, measurement, findings, err);
	/* The run is none the worse for it, and the next boot has the knobs as they were. */
	if (tuning_end(tuning, &why) < 0)
		journal(opened->campaign, JOURNAL_WARNING,
			"a knob could not be put back after run %s: %s", run->id, why.text);
	return r;
}

static int measure_into(struct runner *runner, const struct run *run, int directory,
	struct findings *findings, struct err *err)
{
	const struct opened *opened = runner->opened;
	struct measurement measurement = {
		.plan = opened->plan,
		.run = run,
		.root = opened->root_fd,
		.directory = directory,
		.cancel_fd = runner->cancel_fd,
		.beside_fd = -1,
	};
	int r = experiment_verify(
		runner->digests, opened->root_fd, &opened->plan->experiments[run->experiment], err);

	if (r == 0)
		r = platform_get(run->place)->clean(err);
	return r == 0 ? measure_tuned(runner, &measurement, findings, err) : r;
}

/* A run that fails is put aside as evidence; whether it is tried again is step()'s business. */
static int put_aside(
	struct runner *runner, const struct run *run, const char *reason, struct err *err)
{
	const struct opened *opened = runner->opened;
	unsigned attempt = opened->record->state.run_attempts[run - opened->plan->runs];

	journal(opened->campaign, JOURNAL_WARNING, "run %s failed (attempt %u of %d): %s", run->id,
		attempt, opened->plan->limits.run_attempts, reason);
	return result_put_aside(opened->campaign, run->id, (int)attempt, reason, err);
}

static void tell(const struct opened *opened, const struct run *run, const struct judgement *judged)
{
	if (judged->outcome == OUTCOME_PASS)
		journal(opened->campaign, JOURNAL_INFO, "run %s is measured", run->id);
	else
		journal(opened->campaign, JOURNAL_WARNING, "run %s ends as %s: %s", run->id,
			outcome_name(judged->outcome), judged->reason);
}

/* One that exceeds a threshold is a result like any other, and is never measured again: what is
 * repeated until it fits tells nothing. */
static int keep(struct runner *runner, const struct run *run, const struct histogram *histogram,
	const struct findings *findings, int64_t began, struct err *err)
{
	const struct opened *opened = runner->opened;
	json_t *json = run_json(runner, run);
	struct judgement *judged = judge_run(NULL, opened->plan, run, histogram);

	run_json_add_found(json, runner, run, json_incref(findings->guest), began);
	json_object_set(json, "tuning", findings->tuning);
	json_object_set(json, "host", findings->host);
	json_object_set(json, "environment", findings->environment);
	if (findings->load)
		json_object_set(json, "load", findings->load);
	json_object_set(json, "expect", judged->json);
	int r = result_finish(
		opened->campaign, run->id, judged->outcome, judged->reason, json, err);
	json_decref(json);
	if (r == 0)
		tell(opened, run, judged);
	talloc_free(judged);
	return r;
}

int measure_run(struct runner *runner, const struct run *run, struct err *err)
{
	struct findings findings = {NULL, NULL, NULL, NULL, NULL};
	struct histogram *histogram = NULL;
	int64_t began = time(NULL);
	struct err why = {""};
	autoclose int directory = -1;

	quieten(runner);
	int r = result_begin(runner->opened->campaign, run->id, &directory, err);
	if (r < 0)
		return r;
	r = measure_into(runner, run, directory, &findings, &why);
	if (r == 0)
		r = result_read_histogram(NULL, directory, &histogram, &why);
	r = r < 0 ? put_aside(runner, run, why.text, err)
		  : keep(runner, run, histogram, &findings, began, err);
	talloc_free(histogram);
	json_decref(findings.guest);
	json_decref(findings.load);
	json_decref(findings.tuning);
	json_decref(findings.host);
	json_decref(findings.environment);
	return r;
}

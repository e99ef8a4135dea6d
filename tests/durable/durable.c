/* SPDX-License-Identifier: MIT */
/*
 * Lets every call that changes something fail or kill the runner, one after the other, and drives
 * the campaign to its end each time. A single fault may lose no result, mislabel none, leave
 * nothing behind, and has to be survived without a person's help.
 *
 *     durable FAULT kill|cut [CALL | first]
 *
 * at all calls, at this one, or up to the first that is not survived.
 *
 * kill: systemd starts the runner again in the same boot; cut: the machine boots, with what of its
 * disk was flushed.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "results/result.h"
#include "statemachine/command.h"
#include "statemachine/drive.h"
#include "statemachine/opened.h"
#include "tests/durable/faults.h"
#include "tests/durable/machine.h"
#include "tests/durable/platter.h"

#define RESTARTS 5   /* StartLimitBurst= of the unit */
#define PROCESSES 60 /* of one campaign; many more than it needs */

/* Two visits, a visit with two runs and one with a single run: all the ways from one call to the
 * next. The time of this test grows with the square of their number. */
static const char campaign[] = "setups = { kvm-nrt = {}; kvm-rt = {}; };\n"
			       "defaults = { duration = \"1s\"; place = \"host\"; };\n"
			       "experiments = { a = { }; b = { setups = [\"kvm-nrt\"]; }; };\n";

static enum fault injected;
static bool cut;         /* a death is a power cut */
static const char *root; /* of the machine */
static char file[96];    /* of the campaign */

static int run_start(void)
{
	struct command_line line = {.root = root, .operand = file};

	return command_start(&line);
}

static int run_resume(void)
{
	struct err err = {""};

	return drive(root, &err) < 0;
}

static int in_a_process(int (*function)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (!getenv("VERBOSE")) {
			dup2(null, 1);
			dup2(null, 2);
		}
		faults_on = true;
		_exit(function());
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static bool is_active(void)
{
	char active[96];

	snprintf(active, sizeof(active), "%s/var/lib/latcampaign/active", root);
	return file_exists(AT_FDCWD, active);
}

/* A person starts it, and once more when that failed; where the disk is full, they make room. */
static void start(void)
{
	for (unsigned i = 0; i < 3 && in_a_process(run_start) != 0; i++) {
		faults->full = false;
		if (cut)
			machine_cut();
	}
}

/* systemd: restarts what failed, gives up after some restarts, and then the guard reboots a boot of
 * ours. At home the machine is left alone, until a person makes room and goes on. Returns false
 * when there was no lack of room. */
static bool after_failure(unsigned *restarts)
{
	if (++*restarts <= RESTARTS)
		return true;
	*restarts = 0;
	if (machine_boot_is_ours()) {
		machine_boot();
		return true;
	}
	bool full = faults->full;
	start();
	return full;
}

static bool keep_running(void)
{
	unsigned restarts = 0;

	for (unsigned i = 0; i < PROCESSES && is_active(); i++) {
		int status = in_a_process(run_resume);
		if (status == FAULTS_DOWN || (status == FAULTS_DIED && cut)) {
			status == FAULTS_DOWN ? machine_boot() : machine_cut();
			restarts = 0;
		} else if (status != 0 && status != FAULTS_DIED && !after_failure(&restarts)) {
			return false;
		}
	}
	return true;
}

/* --- what has to be true at the end --------------------------------------------------------- */

static bool measured_by(const struct opened *opened, const char *run, const char *release)
{
	char *name = talloc_asprintf(NULL, "runs/%s/histogram.txt", run), *text;
	char *line = talloc_asprintf(name, "# measured by %s\n", release);
	bool right = file_read(name, opened->campaign, name, 4096, &text, NULL, NULL) == 0 &&
		     strncmp(text, line, strlen(line)) == 0;

	talloc_free(name);
	return right;
}

static const char *wrong_run(const struct opened *opened, const struct run *run)
{
	const char *setup = opened->plan->setups[run->setup].name;
	const char *release = strcmp(setup, "kvm-rt") == 0 ? MACHINE_RT : MACHINE_NRT;
	struct result *result;
	struct err err = {""};

	if (!result_is_done(opened->campaign, run->id, &err))
		return "a run has no result";
	if (result_load(opened->plan, opened->campaign, run->id, &result, &err) < 0)
		return "a result cannot be read";
	if (result->outcome != OUTCOME_PASS)
		return "a run did not pass";
	if (!measured_by(opened, run->id, release))
		return "a result belongs to another setup";
	return NULL;
}

static const char *wrong_campaign(const struct opened *opened)
{
	/* A record that is damaged after the end concerns nobody any more. */
	if (opened_need(opened, injected != FAULT_DAMAGE, NULL) < 0)
		return "its files are damaged";
	for (unsigned run = 0; run < opened->plan->run_count; run++) {
		const char *wrong = wrong_run(opened, &opened->plan->runs[run]);
		if (wrong)
			return wrong;
	}
	if (opened->record && opened->record->state.ending != ENDING_FINISHED)
		return "it did not finish";
	if (opened->record && opened->record->spent > (int64_t)PROCESSES * MACHINE_UPTIME)
		return "its time was counted by another machine's clock";
	if (!file_exists(opened->campaign, "report.txt"))
		return "there is no report";
	return machine_left_behind();
}

static const char *judge(void)
{
	void *ctx = talloc_new(NULL);
	struct opened *opened;
	struct err err = {""};
	const char *wrong = opened_open(ctx, root, NULL, &opened, &err) < 0
				    ? "there is no campaign"
				    : wrong_campaign(opened);

	talloc_free(ctx);
	return wrong;
}

/* One campaign with the fault at the n-th call; false when it did not survive. */
static bool survives(enum fault fault, unsigned at)
{
	*faults = (struct faults){FAULT_NONE};
	root = machine_make(cut);
	snprintf(file, sizeof(file), "%s/night.cfg", root);
	if (file_write(AT_FDCWD, file, campaign, strlen(campaign), NULL) < 0)
		return false;
	platter_flush_all();
	injected = fault;
	*faults = (struct faults){.fault = fault, .at = at};
	start();
	bool ended = keep_running();
	faults->fault = FAULT_NONE; /* the fault is over when the campaign is judged */
	const char *wrong = ended ? judge() : "the runner gave up at home";
	if (wrong)
		printf("%s (%s) at call %u: %s\n", fault_name(fault), cut ? "cut" : "kill", at,
			wrong);
	machine_remove();
	return !wrong;
}

static enum fault fault_of(const char *name)
{
	for (enum fault fault = FAULT_NONE; fault < FAULT_COUNT; fault++)
		if (strcmp(fault_name(fault), name) == 0)
			return fault;
	return FAULT_COUNT;
}

int main(int argc, char **argv)
{
	bool first = argc > 3 && strcmp(argv[3], "first") == 0, all = argc <= 3;
	unsigned failures = 0, at = first || all ? 1 : (unsigned)strtoul(argv[3], NULL, 10);
	enum fault fault = argc > 2 ? fault_of(argv[1]) : FAULT_COUNT;

	if (fault == FAULT_COUNT)
		return 2;
	cut = strcmp(argv[2], "cut") == 0;
	faults = mmap(
		NULL, sizeof(*faults), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (faults == MAP_FAILED)
		return 2;
	do {
		failures += !survives(fault, at++);
	} while (faults->hit && (all || (first && failures == 0)));
	printf("%s (%s): %u calls, %u not survived\n", fault_name(fault), cut ? "cut" : "kill",
		at - 2, failures);
	return failures > 0;
}

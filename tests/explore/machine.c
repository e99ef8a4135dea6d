/* SPDX-License-Identifier: MIT */
/* The model of a machine with GRUB: boots, faults and effects. */
#include <string.h>

#include "tests/explore/world.h"

/* --- the machine ------------------------------------------------------------------------- */

static void boot_into(struct world *world, enum booted booted)
{
	world->booted = booted;
	world->boot++;
	world->booted_visit = world->entry_visit;
	world->booted_token = booted == AT_VISIT || booted == AT_WRONG ? world->entry : 0;
	world->decided_asks = 0;
}

static void explore_boot(
	struct world world, enum booted booted, bool sticky, unsigned faults, const char *name)
{
	if (world.faults < faults)
		return;
	world.faults -= faults;
	boot_into(&world, booted);
	if (!sticky)
		world.one_shot = 0;
	path_enter(name);
	explore(&world);
	path_leave();
}

/* The machine goes through firmware and GRUB. */
static void explore_reboot(const struct world *world)
{
	if (world->one_shot && world->one_shot == world->entry) {
		explore_boot(*world, AT_VISIT, false, 0, "boots-armed");
		explore_boot(*world, AT_WRONG, false, 1, "boots-wrong");
		explore_boot(*world, AT_VISIT, true, 1, "boots-armed-sticky");
		explore_boot(*world, AT_HOME, false, 1, "hangs-reset-boots-home");
	} else {
		/* An id that GRUB does not find boots the default entry. */
		explore_boot(*world, AT_HOME, false, 0, "boots-home");
	}
	if (world->entry)
		explore_boot(*world, AT_VISIT, false, 1, "person-picks-our-entry");
	explore_boot(*world, AT_FOREIGN, false, 1, "boots-foreign");
}

static bool spend_fault(struct world *world)
{
	if (world->faults == 0)
		return false;
	world->faults--;
	return true;
}

void explore_power_cut(struct world world, const char *name)
{
	if (!spend_fault(&world))
		return;
	path_enter(name);
	explore_reboot(&world);
	path_leave();
}

/* The runner dies and systemd starts it again in the same boot. */
static void explore_kill(struct world world, const char *name)
{
	if (!spend_fault(&world))
		return;
	path_enter(name);
	explore(&world);
	path_leave();
}

/* A person shuts the machine down in order. What the runner has asked for itself is not noted. */
static void explore_person(struct world world)
{
	bool asked = (world.state.phase == PHASE_BOOTING || world.state.phase == PHASE_RETURNING) &&
		     same_boot_as_recorded(&world);

	if (asked || world.state.phase == PHASE_ENDED || !spend_fault(&world))
		return;
	world.person = 1;
	path_enter("person-reboots");
	explore_reboot(&world);
	path_leave();
}

/* The record is found damaged, and made anew: recover.h. The books begin anew with it. */
void explore_damage(struct world world)
{
	if (world.damages >= RECORDS || !spend_fault(&world))
		return;
	world.damages++;
	world.state = (struct state){.run = STEP_NO_RUN};
	if (world.damages == RECORDS) {
		world.state.phase = PHASE_RETURNING;
		world.state.ending = ENDING_DAMAGED;
	}
	memset(world.boot_attempts, 0, sizeof(world.boot_attempts));
	memset(world.run_attempts, 0, sizeof(world.run_attempts));
	memset(world.executions, 0, sizeof(world.executions));
	memset(world.in_a_row, 0, sizeof(world.in_a_row));
	world.armings = world.armed_in = world.decided_asks = world.home_misses =
		world.missed_boot = 0;
	world.reports = world.idle = world.had_results = 0;
	path_enter("record-damaged");
	explore(&world);
	path_leave();
}

/* Somebody changes a kernel under its name. */
void explore_drift(const struct world *world)
{
	for (unsigned visit = 0; visit < plan.visit_count; visit++) {
		struct world drifted;
		memcpy(&drifted, world, sizeof(drifted));
		if (world->drifted >> visit & 1 || !spend_fault(&drifted))
			continue;
		drifted.drifted |= 1U << visit;
		path_enter("kernel-changed");
		explore(&drifted);
		path_leave();
	}
}

/* What was about to be written fails, whether it is the record or what an action makes. */
void explore_full_disk(struct world world)
{
	if (world.full || !spend_fault(&world))
		return;
	world.full = 1;
	path_enter("disk-full");
	explore(&world);
	path_leave();
}

/* The runner cannot make its record durable and gives up, each time it is started. The guard leaves
 * a boot of ours; elsewhere nothing happens until a person makes room. */
void live_with_full_disk(struct world world)
{
	bool ours = world.booted_token != 0;

	path_enter(ours ? "guard-reboots" : "person-makes-room");
	world.full = ours;
	if (ours)
		explore_reboot(&world);
	else
		explore(&world);
	path_leave();
}

void explore_cut_or_kill(const struct world *world, const char *name)
{
	explore_power_cut(*world, name);
	explore_kill(*world, name);
	explore_full_disk(*world);
	explore_person(*world);
}

/* --- the effects ------------------------------------------------------------------------- */

static void explore_boot_visit(struct world world)
{
	world.entry = token_number(world.state.token);
	world.entry_visit = world.state.visit;
	explore_cut_or_kill(&world, "cut-or-killed-before-arming");
	world.one_shot = world.entry;
	explore_cut_or_kill(&world, "cut-or-killed-after-arming");
	explore_reboot(&world);
}

static void explore_measure(struct world world, unsigned run)
{
	check_measure(&world, run);
	world.executions[run]++;
	explore_cut_or_kill(&world, "cut-or-killed-in-run");
	explore_kill(world, "run-fails");
	world.results[run] = RESULT_PASS;
	explore_cut_or_kill(&world, "cut-or-killed-after-run");
	explore(&world);
}

static void explore_close(struct world world, unsigned run, enum result result)
{
	check_close(&world, run, result);
	explore_cut_or_kill(&world, "cut-or-killed-before-closing");
	world.results[run] = result;
	explore(&world);
}

void perform(struct world *world, const struct step *next)
{
	switch (next->action) {
	case ACTION_CLEAR:
		explore_cut_or_kill(world, "cut-or-killed-before-clearing");
		world->one_shot = 0;
		explore(world);
		return;
	case ACTION_BOOT_VISIT:
		explore_boot_visit(*world);
		return;
	case ACTION_MEASURE:
		explore_measure(*world, (unsigned)next->run);
		return;
	case ACTION_CLOSE_MISS:
		explore_close(*world, (unsigned)next->run, RESULT_MISS);
		return;
	case ACTION_CLOSE_ERROR:
		explore_close(*world, (unsigned)next->run, RESULT_ERROR);
		return;
	case ACTION_BOOT_HOME:
		explore_kill(*world, "reboot-refused");
		explore_reboot(world);
		return;
	case ACTION_TIDY:
		explore_cut_or_kill(world, "cut-or-killed-before-tidying");
		world->entry = 0;
		explore(world);
		return;
	case ACTION_REPORT:
		explore_cut_or_kill(world, "cut-or-killed-in-report");
		world->report = 1;
		explore(world);
		return;
	case ACTION_RELEASE:
		explore_cut_or_kill(world, "cut-or-killed-before-release");
		world->active = 0;
		explore(world);
		return;
	case ACTION_NONE:
	case ACTION_COUNT:
		check_ending(world);
	}
}

/* SPDX-License-Identifier: MIT */
/*
 * The actions of step() as effects on the machine, and the gathering of what step() sees. Each
 * effect is idempotent: after a crash in it, it is simply performed again.
 */
#ifndef STATEMACHINE_EFFECTS_H
#define STATEMACHINE_EFFECTS_H

#include "base/err.h"
#include "statemachine/opened.h"
#include "statemachine/step.h"

/* All that the runner works with. */
struct runner {
	struct opened *opened;
	struct step_plan *step_plan;
	struct identity *found; /* this boot; a talloc child of `opened`, as the next two */
	struct digests *digests;
	struct binaries *binaries;
	int cancel_fd; /* inotify on NAME/cancel; drive.c opens and closes it; -1: none */
	bool quiet;    /* timers have been stopped in this boot */
	bool decided;  /* this process has taken a step already */
};

/* Gathers the observation; its arrays are talloc children of `ctx`. */
int effects_observe(
	void *ctx, const struct runner *runner, struct observation *seen, struct err *err);

/*
 * Performs the step's action. Returns 0 when it is done, or a negative errno and a sentence.
 * After ACTION_BOOT_VISIT and ACTION_BOOT_HOME it returns 1: the machine goes down, nothing more
 * may be done.
 */
int effects_perform(struct runner *runner, const struct step *step, struct err *err);

#endif

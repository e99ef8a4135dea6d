/* SPDX-License-Identifier: MIT */
/*
 * Knobs of the running machine (campaigns/knobs.h) that are set for a run and put back after it.
 *
 * Written ahead: what stood there is durable in tuning.json in the campaign's directory, with the
 * boot's id, before the first knob is turned. A runner that is killed in between finds it there.
 */
#ifndef TUNING_TUNING_H
#define TUNING_TUNING_H

#include <jansson.h>

#include "base/err.h"
#include "campaigns/plan.h"

struct tuning; /* a talloc object: what has been set */

/*
 * Turns the run-time knobs that setup and experiment ask for (the experiment's word counts where
 * both speak of one), reads each back, and reads back those of the boot where Linux tells. `root`
 * is the descriptor of "/", `campaign` of the campaign's directory. `ret_found` (new reference,
 * also with an error) is an array of { "knob", "asked", "path", "was", "found" }, one for each
 * file. A file that is missing or a value that reads back otherwise is an error; what had been set
 * has been put back then.
 */
int tuning_apply(void *ctx, int root, int campaign, const struct setup *setup,
	const struct experiment *experiment, struct tuning **ret, json_t **ret_found,
	struct err *err);

/* Puts back what tuning.json tells, if it is of this boot, and removes it; without one a success.
 * A knob that cannot be put back is an error, the others are put back all the same. */
int tuning_restore(int root, int campaign, struct err *err);

/* Lets go of what is held open (dma_latency) and puts everything else back. */
int tuning_end(struct tuning *tuning, struct err *err);

#endif

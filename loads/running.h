/* SPDX-License-Identifier: MIT */
/*
 * Loads that run on the host or in dom0 while a run is measured, and the proof that they did.
 */
#ifndef LOADS_RUNNING_H
#define LOADS_RUNNING_H

#include <jansson.h>

#include "base/err.h"
#include "campaigns/plan.h"

struct loads; /* a talloc object */

/*
 * Starts the experiment's loads, if they belong to the host, as a talloc child of `ctx`; with none
 * to start it is a success. `directory` is the run's: it gets load-NAME.out (what the load prints)
 * and, until loads_stop(), the loads' scratch. A load that ends at once is an error that quotes
 * what it said last.
 */
int loads_start(void *ctx, const struct experiment *experiment, int directory, struct loads **ret,
	struct err *err);

/* Readable as soon as one of them has ended; -1 when there are none. For spawn_options.beside_fd.
 */
int loads_fd(const struct loads *loads);

/*
 * Stops them and removes their scratch. `ret_json` (new reference, also with an error; may be NULL)
 * tells what ran: { "place", "loads": [{ "name", "argv", "began_before_first_sample",
 * "ended_after_last", "cpu_seconds", "seconds", "status", "restarts" }] }. It stays as it was
 * without loads. One that used next to no CPU time is an error, one that ended by itself is
 * -ECHILD.
 */
int loads_stop(struct loads *loads, json_t **ret_json, struct err *err);

/*
 * The same proof of loads that ran in the measured guest, from the files load-NAME.txt that init.sh
 * left in the answer:
 *   cpu_seconds SECONDS
 *   seconds SECONDS
 *   status running | ended
 */
int loads_in_guest(
	const struct experiment *experiment, int directory, json_t **ret_json, struct err *err);

/*
 * The same of loads in neighbour guests, which cannot be asked: one whose load ends powers off,
 * which ends the measurement. `used` (of neighbours_measure()) tells what each of them used, and
 * stands in the proof as "guests". One that used next to no CPU time is an error.
 */
int loads_in_neighbours(const struct experiment *experiment, const json_t *used, json_t **ret_json,
	struct err *err);

#endif

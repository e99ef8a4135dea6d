/* SPDX-License-Identifier: MIT */
/*
 * Guests beside the measured one: of the same shape, idle or with load. They are ready before the
 * measured guest is started, and have to outlive it.
 */
#ifndef GUESTS_NEIGHBOURS_H
#define GUESTS_NEIGHBOURS_H

#include "base/spawn.h"
#include "guests/guest.h"

/* How a platform starts guests. */
struct guest_operations {
	enum place place;

	/* Starts a guest that runs beside others. The program in `ret` shows its console at
	 * `output_fd` and ends with the guest; what it needs are talloc children of `ctx`. */
	int (*start)(void *ctx, const struct guest *guest, int output_fd, struct spawned *ret,
		struct err *err);

	/* Runs the measured guest as guest_run() does, and tells what its shape was found to be
	 * (new reference). */
	int (*run)(const struct guest *guest, int beside_fd, json_t **ret_found, json_t **ret_shape,
		struct err *err);

	/* Seconds of CPU time that a guest which start() has started has used so far. */
	int (*cpu_seconds)(const struct guest *guest, const struct spawned *spawned, double *ret,
		struct err *err);
};

/*
 * Measures in `guest` among the neighbours that its experiment asks for. `ret_found` is as that of
 * platform.measure, and has the shape, asked and found. When the neighbours carry the load, it also
 * has "neighbours": [{ "name", "cpu_seconds", "seconds" }], what they used while the guest ran.
 */
int neighbours_measure(const struct guest *guest, const struct guest_operations *operations,
	json_t **ret_found, struct err *err);

/* The guest that stands as number `number` (from 1) beside the measured one. Strings are talloc
 * children of `ctx`. */
int neighbour_prepare(
	void *ctx, const struct guest *measured, int number, struct guest *ret, struct err *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What came between a measurement and the machine that it is about, as run.json tells it
 * ("environment"): a processor that throttled, time that a hypervisor below the host took, a clock
 * that was exchanged. Pure.
 */
#ifndef RESULTS_DISTURBANCE_H
#define RESULTS_DISTURBANCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct disturbance {
	unsigned throttled_runs, stolen_runs, clock_runs; /* runs in which it happened */
	int64_t throttles; /* by which Linux's *_throttle_count rose in them, all CPUs together */
	double steal_seconds; /* in them, all CPUs together */
};

/*
 * Adds a run. Steal counts where no hypervisor of ours was below ("found"."hypervisor" is "none"):
 * in dom0 waiting for a CPU is part of what is measured. A power limit (*_power_limit_count) is no
 * throttling: processors run into it whenever they boost. What is null was not seen, and what an
 * older run.json does not have neither.
 */
void disturbance_add(struct disturbance *sum, const json_t *run);

/* Has there been any? Then nothing may be ranked by what was measured. */
bool disturbance_any(const struct disturbance *disturbance);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * Experiments with guests, for tests.
 */
#ifndef TESTS_UNIT_EXPERIMENTS_H
#define TESTS_UNIT_EXPERIMENTS_H

#include "campaigns/plan.h"

static char *no_words[] = {NULL};

/* A guest of which nothing special is asked. */
static inline struct experiment plain(void)
{
	return (struct experiment){
		.kernel = {.image = (char *)"/boot/vmlinuz-6.1-rt"},
		.guest_type = GUEST_PVH,
		.vcpus = 2,
		.memory_mib = 512,
		.script = (char *)"",
		.cyclictest = {100, 60, 99, 2, 2000},
		.load = no_words,
		.tuning = no_words,
		.shape = {.vcpu_cpus = no_words,
			.emulator_cpus = (char *)"",
			.machine = (char *)"q35",
			.pool_cpus = (char *)""},
	};
}

/* In a CPU pool of its own, under Xen's rtds. */
static inline struct experiment in_pool(void)
{
	struct experiment experiment = plain();

	experiment.shape.pool_cpus = (char *)"2";
	experiment.shape.pool_scheduler = SCHEDULER_RTDS;
	experiment.shape.rtds_period_us = 10000;
	experiment.shape.rtds_budget_us = 9000;
	return experiment;
}

#endif

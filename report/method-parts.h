/* SPDX-License-Identifier: MIT */
/*
 * The parts of how a campaign was measured, in sentences.
 */
#ifndef REPORT_METHOD_PARTS_H
#define REPORT_METHOD_PARTS_H

#include "campaigns/plan.h"

/* A list of sentences; a talloc context. */
struct sentences {
	char **list; /* NULL-terminated; NULL while there are none */
	unsigned count;
};

/* method.c */
void method_say(struct sentences *sentences, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "a, b and c"; a talloc child of `ctx`. */
char *method_enumerate(void *ctx, char *const *words);

/* "Linux 6.1.0 with PREEMPT_RT"; likewise. */
char *method_kernel(void *ctx, const struct kernel *kernel);

/* method-experiment.c: what was measured, where, under which load. */
void method_experiment(
	struct sentences *sentences, const struct plan *plan, const struct experiment *experiment);

/* Where the runs of an experiment were made. */
struct method_places {
	bool host, dom0, kvm, xen;
	char **setups; /* names, NULL-terminated */
	unsigned setup_count;
};

/* method-shape.c: what its guests were made of, as far as it was said. */
void method_shape(struct sentences *sentences, const struct experiment *experiment,
	const struct method_places *places);

#endif

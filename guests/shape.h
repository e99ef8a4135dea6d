/* SPDX-License-Identifier: MIT */
/*
 * A guest's shape, asked and found: JSON objects whose members have the names of the campaign's
 * keys. `asked` has only what the campaign decides; `found` has whatever could be read back.
 */
#ifndef GUESTS_SHAPE_H
#define GUESTS_SHAPE_H

#include <jansson.h>

#include "base/complaints.h"
#include "base/err.h"
#include "campaigns/plan.h"

/* What the experiment asks of its guests at this place; a new reference. Pure. */
json_t *shape_asked(const struct experiment *experiment, enum place place);

/* The host's CPUs for a vCPU, numbered from 0; NULL when it is not pinned. Pure. */
const char *shape_vcpu_cpus(const struct shape *shape, int vcpu);

/* -EXDEV, and the first difference as a sentence, unless all that was asked was found. Pure. */
int shape_compare(const json_t *asked, const json_t *found, struct err *err);

/* What this machine lacks for the shape: CPUs, huge pages, a scheduler; see platform.check. */
void shape_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints);

#endif

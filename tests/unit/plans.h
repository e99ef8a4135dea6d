/* SPDX-License-Identifier: MIT */
/*
 * Plans for tests.
 */
#ifndef TESTS_UNIT_PLANS_H
#define TESTS_UNIT_PLANS_H

#include "tests/unit/unit.h"

#include "campaigns/campaign.h"

/* The plan of a campaign, which is written into a file of the scratch directory: NAME.cfg. */
static inline struct plan *make_plan(struct scratch *s, const char *name, const char *text)
{
	struct complaints complaints = {0};
	struct plan *plan = NULL;
	char *file = talloc_asprintf(s->ctx, "%s.cfg", name);
	char *path = talloc_asprintf(s->ctx, "%s/%s", s->path, file);

	scratch_file(s, file, text);
	assert_int_equal(campaign_read(s->ctx, path, NULL, &plan, &complaints), 0);
	return plan;
}

#endif

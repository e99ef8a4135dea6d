/* SPDX-License-Identifier: MIT */
/*
 * The campaign language: libconfig text -> plan. See latcampaign.cfg(5) for the keys.
 */
#ifndef CAMPAIGNS_CAMPAIGN_H
#define CAMPAIGNS_CAMPAIGN_H

#include "base/complaints.h"
#include "campaigns/plan.h"

/*
 * Reads and checks the campaign in `path`, applies `overrides` ("KEY=VALUE", NULL-terminated, may
 * be NULL; a bare word that is no libconfig value is taken as a string) and expands it.
 *
 * Returns 0 with `ret_plan` (a talloc child of `ctx`, not yet resolved against a machine), or
 * -EINVAL with every error of the file and the overrides in `ret_complaints` (a talloc child of
 * `ctx` too), each as FILE:LINE: what is wrong, what would be right; an override's as
 * "--set KEY=VALUE: ...".
 */
int campaign_read(void *ctx, const char *path, const char *const *overrides, struct plan **ret_plan,
	struct complaints *ret_complaints);

#endif

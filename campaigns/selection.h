/* SPDX-License-Identifier: MIT */
/*
 * Which experiments under which setups a figure or a threshold is about: two lists of names that a
 * campaign may give or leave out.
 */
#ifndef CAMPAIGNS_SELECTION_H
#define CAMPAIGNS_SELECTION_H

#include "campaigns/keys.h"
#include "campaigns/plan.h"

/* The names of all that the plan has so far, NULL-terminated; a talloc child of the plan. */
char **selection_all_experiments(struct plan *plan);
char **selection_all_setups(struct plan *plan);

/* Complains about each name that the plan does not have. */
void selection_check(struct reader *reader, struct plan *plan, const config_setting_t *group,
	char *const *experiments, char *const *setups);

#endif

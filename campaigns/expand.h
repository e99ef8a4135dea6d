/* SPDX-License-Identifier: MIT */
/*
 * From setups and experiments to visits and runs.
 */
#ifndef CAMPAIGNS_EXPAND_H
#define CAMPAIGNS_EXPAND_H

#include "campaigns/keys.h"
#include "campaigns/plan.h"

/* Fills in experiment->setups where the campaign left them out; complains about names that are
 * not there, places that a named setup does not have, and experiments that run nowhere. */
void expand_check_setups(struct reader *reader, struct plan *plan, struct experiment *experiment,
	const config_setting_t *group);

/* Makes visits and runs, and the limits that follow from their number. */
void expand_plan(struct reader *reader, struct plan *plan);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * What a campaign can say, and what is meant where it says nothing: the settings of each group,
 * with their types and ranges, and their defaults. latcampaign.cfg(5) tells the same to users.
 */
#ifndef CAMPAIGNS_SETTINGS_H
#define CAMPAIGNS_SETTINGS_H

#include <libconfig.h>

#include "campaigns/keys.h"
#include "campaigns/plan.h"

/* place = "guest" while experiments are read; expand_plan() resolves it for each setup. */
#define SETTINGS_PLACE_GUEST ((enum place)3)

/* The groups' tables; each ends with an entry whose name is NULL. */
extern const struct key plan_keys[], recipe_keys[], setup_keys[], experiment_keys[], figure_keys[],
	threshold_keys[], limits_keys[], output_keys[];

/* Fill in what a silent campaign means; strings become talloc children of `plan`. */
void settings_default_plan(struct plan *plan);
void settings_default_experiment(struct plan *plan, struct experiment *experiment);

void settings_default_recipe(struct plan *plan, struct recipe *recipe, const char *name);

/* One of the paper's setups, known by its name; any other has no kernel (""). */
void settings_default_setup(struct plan *plan, struct setup *setup, const char *name);

/*
 * Adds the paper's four setups to a campaign that has no group "setups", so that an override may
 * say something of one of them without naming the other three.
 */
void settings_add_known_setups(config_t *config);

#endif

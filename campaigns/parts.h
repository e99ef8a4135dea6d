/* SPDX-License-Identifier: MIT */
/*
 * The readers of a campaign's groups, one file each. Each reads and checks its group into the plan
 * and complains about everything that is wrong with it; later ones rely on the earlier.
 */
#ifndef CAMPAIGNS_PARTS_H
#define CAMPAIGNS_PARTS_H

#include "campaigns/keys.h"
#include "campaigns/plan.h"

/* `group` may be NULL: the campaign does not have it. */
void read_recipes(struct reader *reader, struct plan *plan, const config_setting_t *group);
void read_setups(struct reader *reader, struct plan *plan, const config_setting_t *group);
void read_experiments(struct reader *reader, struct plan *plan, const config_t *config);

/* Without a group: one figure for all setups without a hypervisor, one for those with Xen. */
void read_figures(struct reader *reader, struct plan *plan, const config_setting_t *group);

/* What is expected of runs, group "expect". */
void read_thresholds(struct reader *reader, struct plan *plan, const config_setting_t *group);

/* A file that a campaign names: absolute as it is, else beside the campaign's file; a talloc child
 * of the reader's context. */
char *reader_path(struct reader *reader, const char *name);

#endif

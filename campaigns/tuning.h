/* SPDX-License-Identifier: MIT */
#ifndef CAMPAIGNS_TUNING_H
#define CAMPAIGNS_TUNING_H

#include <stdbool.h>

#include "campaigns/keys.h"

/*
 * Expands what a campaign says under `tuning` (names of profiles and "KNOB=VALUE") into
 * "KNOB=VALUE" alone: where two speak of one knob the later one counts. With `running` only
 * run-time knobs are allowed, since the boot is over. Complains about everything else; never NULL.
 */
char **tuning_expand(
	struct reader *reader, const config_setting_t *group, char *const *words, bool running);

#endif

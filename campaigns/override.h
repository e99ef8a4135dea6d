/* SPDX-License-Identifier: MIT */
#ifndef CAMPAIGNS_OVERRIDE_H
#define CAMPAIGNS_OVERRIDE_H

#include <libconfig.h>

#include "campaigns/keys.h"

/*
 * Puts "KEY=VALUE" into the tree before it is read, so that overrides are checked like the file.
 * The setting's hook is the override's text (not copied: it has to outlive the tree). Complains
 * about a text without '=', an empty or impossible path.
 */
void override_apply(struct reader *reader, config_t *config, const char *text);

#endif

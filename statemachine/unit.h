/* SPDX-License-Identifier: MIT */
/*
 * latcampaign.service, as commands of a person see it.
 */
#ifndef STATEMACHINE_UNIT_H
#define STATEMACHINE_UNIT_H

#include <stdbool.h>

#include "base/err.h"

/* Neither running nor about to: an earlier start may just have handed over. */
bool unit_is_idle(void);

/* Asks systemd to "start" or "restart" it, also where it had failed too often. Does not wait. */
int unit_wake(const char *verb, struct err *err);

#endif

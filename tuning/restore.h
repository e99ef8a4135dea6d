/* SPDX-License-Identifier: MIT */
#ifndef TUNING_RESTORE_H
#define TUNING_RESTORE_H

#include <jansson.h>

#include "base/err.h"

/* Makes durable, in tuning.json, what is to be put back: an array of { "path", "was" }, with this
 * boot's id. */
int restore_note(int root, int campaign, json_t *changes, struct err *err);

#endif

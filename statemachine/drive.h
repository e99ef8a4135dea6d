/* SPDX-License-Identifier: MIT */
#ifndef STATEMACHINE_DRIVE_H
#define STATEMACHINE_DRIVE_H

#include "base/err.h"

/*
 * Drives the active campaign below `root`: observe, step, make the record durable, act, again,
 * until nothing is left to do (0), or the machine goes down (does not return before systemd ends
 * it; -ETIMEDOUT when the machine does not go down). -ENOENT when no campaign is active.
 */
int drive(const char *root, struct err *err);

#endif

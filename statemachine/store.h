/* SPDX-License-Identifier: MIT */
/*
 * Where campaigns live on a host: ROOT/var/lib/latcampaign/NAME/, and which one is active
 * (ROOT/var/lib/latcampaign/active, a symbolic link to its name: the unit's condition).
 */
#ifndef STATEMACHINE_STORE_H
#define STATEMACHINE_STORE_H

#include <stdbool.h>

#include "base/err.h"

/* Opens the state directory below `root` (a path, "" for the real machine), making it first when
 * `make` is set. Returns 0 and a descriptor that the caller closes; -ENOENT when there is none. */
int store_open(const char *root, bool make, int *ret_store, struct err *err);

/* Opens the directory of the campaign `name` likewise. */
int store_open_campaign(int store, const char *name, bool make, int *ret_campaign, struct err *err);

/* The active campaign's name as a talloc child of `ctx`, or NULL when none is. */
char *store_active(void *ctx, int store);

/* Makes `name` the active one, durably. One that is active already under this name is a success;
 * -EBUSY names another. */
int store_activate(int store, const char *name, struct err *err);

/* No campaign is active any more; a success when none was. */
int store_release(int store, struct err *err);

/* The campaign that a command without a name means: the active one, else the one whose record
 * changed last; NULL when there is none. A talloc child of `ctx`. */
char *store_latest(void *ctx, int store);

/* Takes the runner's lock (an open file description lock); held until the descriptor is closed.
 * -EBUSY when a runner works already. */
int store_lock(int store, int *ret_lock, struct err *err);

/* Does a runner hold the lock now? Needs no root. */
bool store_is_locked(int store);

#endif

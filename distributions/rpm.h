/* SPDX-License-Identifier: MIT */
/* What dnf and zypper leave to rpm(8). Arguments as in struct package_manager. */
#ifndef DISTRIBUTIONS_RPM_H
#define DISTRIBUTIONS_RPM_H

#include "distributions/manager.h"

int rpm_installed(void *ctx, const char *root, char ***ret, struct err *err);
int rpm_owner(void *ctx, const char *path, char **ret, struct err *err);
int rpm_remove(const struct work *work, char *const *names, struct err *err);

#endif

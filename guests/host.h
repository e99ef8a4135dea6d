/* SPDX-License-Identifier: MIT */
#ifndef GUESTS_HOST_H
#define GUESTS_HOST_H

#include "guests/platform.h"

extern const struct platform host_platform;

#endif

/* SPDX-License-Identifier: MIT */
#include "campaigns/load-names.h"

#include <stddef.h>
#include <string.h>

const char *const load_names[] = {
	"kernel", "hackbench", "stress-ng", "disk", "network", "kernel-build", NULL};

const char *load_guest_refusal(const char *name)
{
	if (strcmp(name, "kernel-build") == 0)
		return "needs a compiler, which a guest does not have";
	if (strcmp(name, "disk") == 0)
		return "needs a disk, which a guest does not have";
	return NULL;
}

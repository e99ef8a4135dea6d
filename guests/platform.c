/* SPDX-License-Identifier: MIT */
#include "guests/platform.h"

#include "guests/host.h"
#include "guests/kvm.h"
#include "guests/xen.h"

const struct platform *platform_get(enum place place)
{
	static const struct platform *const platforms[] = {
		[PLACE_HOST] = &host_platform,
		[PLACE_KVM] = &kvm_platform,
		[PLACE_XEN] = &xen_platform,
	};

	return platforms[place];
}

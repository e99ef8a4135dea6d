/* SPDX-License-Identifier: MIT */
#include "campaigns/plan.h"

const char *hypervisor_name(enum hypervisor hypervisor)
{
	return hypervisor == HYPERVISOR_XEN ? "xen" : "none";
}

const char *place_name(enum place place)
{
	static const char *const names[] = {
		[PLACE_HOST] = "host", [PLACE_KVM] = "kvm", [PLACE_XEN] = "xen"};

	return names[place];
}

const char *guest_type_name(enum guest_type type)
{
	static const char *const names[] = {
		[GUEST_PV] = "pv", [GUEST_PVH] = "pvh", [GUEST_HVM] = "hvm"};

	return names[type];
}

int64_t plan_run_seconds(const struct plan *plan, const struct run *run)
{
	return plan->experiments[run->experiment].cyclictest.duration_s +
	       plan->limits.guest_seconds;
}

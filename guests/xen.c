/* SPDX-License-Identifier: MIT */
/*
 * Xen guests through xl. `xl create -c` shows the console from the first byte and ends with the
 * domain.
 */
#include "guests/xen.h"

#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"
#include "base/spawn.h"

#define DOMAIN "latcampaign-guest"
#define XL_SECONDS 60

char *xen_config(void *ctx, const struct guest *guest)
{
	const struct experiment *experiment = guest->experiment;
	/* Whatever ends the domain ends it for good: xl must not start it again. */
	char *config = talloc_asprintf(ctx,
		"name = \"" DOMAIN "\"\n"
		"type = \"%s\"\n"
		"kernel = \"%s\"\n"
		"ramdisk = \"%s\"\n"
		"cmdline = \"%s\"\n"
		"memory = %ld\n"
		"vcpus = %d\n"
		"on_poweroff = \"destroy\"\n"
		"on_reboot = \"destroy\"\n"
		"on_crash = \"destroy\"\n",
		guest_type_name(experiment->guest_type), experiment->kernel.image, guest->image,
		guest->cmdline, experiment->memory_mib, experiment->vcpus);

	if (experiment->guest_type == GUEST_HVM)
		config = talloc_asprintf_append(
			config, "serial = \"pty\"\nvga = \"none\"\nnographic = 1\n");
	if (experiment->hap != TOGGLE_DEFAULT)
		config = talloc_asprintf_append(config, "hap = %d\n", experiment->hap == TOGGLE_ON);
	return config;
}

static void xen_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	bool hvm = plan->experiments[run->experiment].guest_type == GUEST_HVM;

	program_need(ctx, root, "xl", "xen-utils-4.17", complaints);
	program_need(ctx, root, "cyclictest", "rt-tests", complaints);
	program_need(ctx, root, "busybox", "busybox-static", complaints);
	if (hvm && !file_exists(root, "usr/libexec/xen-qemu-system-i386") &&
		!file_exists(root, "usr/lib/xen-4.17/bin/qemu-system-i386"))
		complaints_add(ctx, complaints,
			"HVM guests need Xen's device model; install it (Debian: apt install "
			"qemu-system-xen)");
}

static int xen_clean(struct err *err)
{
	static const char *const domid[] = {"xl", "domid", DOMAIN, NULL};
	static const char *const destroy[] = {"xl", "destroy", DOMAIN, NULL};

	if (spawn_read(NULL, domid, XL_SECONDS, NULL, NULL) < 0)
		return 0; /* there is none */
	return spawn_read(NULL, destroy, XL_SECONDS, NULL, err);
}

static int run_domain(void *ctx, const struct guest *guest, json_t **ret_found, struct err *err)
{
	char *config = xen_config(ctx, guest);
	const char *const argv[] = {
		"xl", "create", "-c", talloc_asprintf(ctx, "%s/guest.xl", guest->directory), NULL};
	int r = file_write(guest->measurement->directory, "guest.xl", config, strlen(config), err);

	if (r == 0)
		r = guest_run(guest, argv, ret_found, err);
	int cleaned = xen_clean(r == 0 ? err : NULL);
	return r < 0 ? r : cleaned;
}

static int xen_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	void *ctx = talloc_new(NULL);
	struct guest guest;
	int r = guest_prepare(ctx, measurement,
		experiment->guest_type == GUEST_HVM ? "ttyS0" : "hvc0", &guest, err);

	if (r == 0)
		r = run_domain(ctx, &guest, ret_found, err);
	talloc_free(ctx);
	return r;
}

const struct platform xen_platform = {
	.name = "xen",
	.check = xen_check,
	.clean = xen_clean,
	.measure = xen_measure,
};

/* SPDX-License-Identifier: MIT */
/*
 * KVM guests: one QEMU process each, with no device but a serial console.
 */
#include "guests/kvm.h"

#include <talloc.h>

#include "base/files.h"
#include "base/programs.h"

const char **kvm_argv(void *ctx, const struct guest *guest)
{
	const struct experiment *experiment = guest->experiment;
	/* accel=kvm and nothing else: a guest under emulation would measure something else. */
	const char *const argv[] = {"qemu-system-x86_64", "-name", "latcampaign-guest", "-machine",
		"q35,accel=kvm", "-cpu", "host", "-smp",
		talloc_asprintf(ctx, "%d", experiment->vcpus), "-m",
		talloc_asprintf(ctx, "%ldM", experiment->memory_mib), "-nodefaults",
		"-no-user-config", "-display", "none", "-no-reboot", "-serial", "stdio", "-kernel",
		experiment->kernel.image, "-initrd", guest->image, "-append", guest->cmdline, NULL};

	return talloc_memdup(ctx, argv, sizeof(argv));
}

static void kvm_check(void *ctx, int root, const struct plan *plan, const struct run *run,
	struct complaints *complaints)
{
	(void)plan;
	(void)run;
	program_need(ctx, root, "qemu-system-x86_64", "qemu-system-x86", complaints);
	program_need(ctx, root, "cyclictest", "rt-tests", complaints);
	program_need(ctx, root, "busybox", "busybox-static", complaints);
	/* Under Xen KVM is not there: only a boot without Xen could have told. */
	if (!file_exists(root, "dev/kvm") && !file_exists(root, "sys/hypervisor/type"))
		complaints_add(ctx, complaints,
			"/dev/kvm is not there, so KVM guests cannot run; switch hardware "
			"virtualisation on in the firmware, or load kvm_intel or kvm_amd");
}

/* QEMU ends with the unit that started it. */
static int kvm_clean(struct err *err)
{
	(void)err;
	return 0;
}

static int kvm_measure(const struct measurement *measurement, json_t **ret_found, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct guest guest;
	int r = guest_prepare(ctx, measurement, "ttyS0", &guest, err);

	if (r == 0)
		r = guest_run(&guest, kvm_argv(ctx, &guest), ret_found, err);
	talloc_free(ctx);
	return r;
}

const struct platform kvm_platform = {
	.name = "kvm",
	.check = kvm_check,
	.clean = kvm_clean,
	.measure = kvm_measure,
};

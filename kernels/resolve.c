/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "kernels/kernel.h"

/* Words of home's command line that belong to that boot alone. */
static bool is_of_one_boot(const char *word)
{
	return strncmp(word, "BOOT_IMAGE=", 11) == 0 || strncmp(word, "latcampaign.", 12) == 0 ||
	       strncmp(word, "panic=", 6) == 0 || strcmp(word, "oops=panic") == 0 ||
	       strcmp(word, "placeholder") == 0;
}

/* Home's command line is proven to boot this machine: ours extend it. PID 1 is told there to feed
 * the hardware watchdog, so that it begins early and is gone with the boot. */
static int read_base_cmdline(struct plan *plan, int root, char **ret, struct err *err)
{
	char *line, *rest, *base = talloc_strdup(plan, "");
	int r = file_read_line(plan, root, "proc/cmdline", &line, err);

	if (r < 0)
		return r;
	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!is_of_one_boot(word))
			base = talloc_asprintf_append(base, "%s%s", *base ? " " : "", word);
	if (plan->limits.watchdog_seconds > 0)
		base = talloc_asprintf_append(
			base, " systemd.watchdog_sec=%d", (int)plan->limits.watchdog_seconds);
	*ret = base;
	return 0;
}

static void resolve_setup(
	struct plan *plan, int root, struct setup *setup, struct complaints *complaints)
{
	struct err err = {""};

	if (kernel_resolve(plan, root, plan, &setup->kernel, &err) < 0)
		complaints_add(plan, complaints, "setup %s: %s", setup->name, err.text);
	else if (!setup->kernel.initrd)
		complaints_add(plan, complaints,
			"setup %s: kernel %s has no initrd in /boot; make one (Debian: "
			"update-initramfs -c -k %s)",
			setup->name, setup->kernel.release, setup->kernel.release);
	if (setup->hypervisor == HYPERVISOR_XEN && hypervisor_resolve(plan, root, setup, &err) < 0)
		complaints_add(plan, complaints, "setup %s: %s", setup->name, err.text);
}

/* Many experiments have the same guest kernel; digesting a kernel's source each time would take a
 * while. */
static int resolve_guest(
	struct plan *plan, int root, struct experiment *experiment, struct err *err)
{
	for (struct experiment *earlier = plan->experiments; earlier < experiment; earlier++)
		if (earlier->kernel.image_sha256 &&
			strcmp(earlier->kernel.wanted, experiment->kernel.wanted) == 0) {
			experiment->kernel = earlier->kernel;
			return 0;
		}
	return kernel_resolve(plan, root, plan, &experiment->kernel, err);
}

static void resolve_experiment(
	struct plan *plan, int root, struct experiment *experiment, struct complaints *complaints)
{
	char hex[DIGEST_HEX + 1];
	struct err err = {""};
	int r = 0;

	if (*experiment->kernel.wanted)
		r = resolve_guest(plan, root, experiment, &err);
	/* A script is the user's: it lies beside the campaign, wherever the machine's root is. */
	if (r == 0 && *experiment->script) {
		r = digest_file(AT_FDCWD, experiment->script, hex, &err);
		experiment->script_sha256 = r == 0 ? talloc_strdup(plan, hex) : NULL;
	}
	if (r < 0)
		complaints_add(plan, complaints, "experiment %s: %s", experiment->name, err.text);
}

void plan_resolve(struct plan *plan, int root, struct complaints *complaints)
{
	struct err err = {""};
	char *base = NULL;

	if (read_base_cmdline(plan, root, &base, &err) < 0)
		complaints_add(plan, complaints, "%s", err.text);
	for (unsigned i = 0; i < plan->setup_count; i++) {
		plan->setups[i].base_cmdline = base;
		resolve_setup(plan, root, &plan->setups[i], complaints);
	}
	for (unsigned i = 0; i < plan->experiment_count; i++)
		resolve_experiment(plan, root, &plan->experiments[i], complaints);
}

/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "kernels/kernel.h"

/* Words of home's command line that belong to that boot alone. */
static bool is_of_one_boot(const char *word)
{
	return strncmp(word, "BOOT_IMAGE=", 11) == 0 || strncmp(word, "latcampaign.", 12) == 0 ||
	       strncmp(word, "panic=", 6) == 0 || strcmp(word, "placeholder") == 0;
}

/* Home's command line is proven to boot this machine: ours extend it. */
static int read_base_cmdline(struct plan *plan, int root, char **ret, struct err *err)
{
	char *line, *rest, *base = talloc_strdup(plan, "");
	int r = file_read_line(plan, root, "proc/cmdline", &line, err);

	if (r < 0)
		return r;
	for (char *word = strtok_r(line, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		if (!is_of_one_boot(word))
			base = talloc_asprintf_append(base, "%s%s", *base ? " " : "", word);
	*ret = base;
	return 0;
}

static void resolve_setup(
	struct plan *plan, int root, struct setup *setup, struct complaints *complaints)
{
	struct err err = {""};

	if (kernel_resolve(plan, root, &setup->kernel, &err) < 0)
		complaints_add(plan, complaints, "setup %s: %s", setup->name, err.text);
	else if (!setup->kernel.initrd)
		complaints_add(plan, complaints,
			"setup %s: kernel %s has no initrd in /boot; make one (Debian: "
			"update-initramfs -c -k %s)",
			setup->name, setup->kernel.release, setup->kernel.release);
	if (setup->hypervisor == HYPERVISOR_XEN && hypervisor_resolve(plan, root, setup, &err) < 0)
		complaints_add(plan, complaints, "setup %s: %s", setup->name, err.text);
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
	for (unsigned i = 0; i < plan->experiment_count; i++) {
		struct experiment *experiment = &plan->experiments[i];
		if (*experiment->kernel.wanted &&
			kernel_resolve(plan, root, &experiment->kernel, &err) < 0)
			complaints_add(
				plan, complaints, "experiment %s: %s", experiment->name, err.text);
	}
}

static int verify(int root, const char *path, const char *sha256, struct err *err)
{
	char hex[DIGEST_HEX + 1];

	if (!path)
		return 0;
	if (digest_file(root, path + 1, hex, NULL) < 0)
		return err_set(err, -ESTALE,
			"%s is gone since the campaign was started; put it back, or stop the "
			"campaign "
			"and start a new one",
			path);
	if (strcmp(hex, sha256) != 0)
		return err_set(err, -ESTALE,
			"%s has changed since the campaign was started; put the old one back, or "
			"stop "
			"the campaign and start a new one",
			path);
	return 0;
}

static int verify_kernel(int root, const struct kernel *kernel, struct err *err)
{
	int r = verify(root, kernel->image, kernel->image_sha256, err);

	return r == 0 ? verify(root, kernel->initrd, kernel->initrd_sha256, err) : r;
}

int plan_verify_files(const struct plan *plan, int root, struct err *err)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < plan->setup_count; i++) {
		const struct setup *setup = &plan->setups[i];
		r = verify_kernel(root, &setup->kernel, err);
		if (r == 0)
			r = verify(root, setup->hypervisor_image, setup->hypervisor_sha256, err);
	}
	for (unsigned i = 0; r == 0 && i < plan->experiment_count; i++)
		r = verify_kernel(root, &plan->experiments[i].kernel, err);
	return r;
}

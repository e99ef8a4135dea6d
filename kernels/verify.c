/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "kernels/kernel.h"

static int verify(
	struct digests *digests, int root, const char *path, const char *sha256, struct err *err)
{
	if (!path)
		return 0;
	const char *hex;
	int r = digests_read(digests, root, path, &hex, err);
	if (r == -ENOENT)
		return err_set(err, -ESTALE,
			"%s is gone since the campaign was started; put it back, or start a new "
			"campaign",
			path);
	if (r < 0)
		return r;
	if (strcmp(hex, sha256) != 0)
		return err_set(err, -ESTALE,
			"%s has changed since the campaign was started; put the old one back, or "
			"start a new campaign",
			path);
	return 0;
}

static int kernel_verify(
	struct digests *digests, int root, const struct kernel *kernel, struct err *err)
{
	int r = verify(digests, root, kernel->image, kernel->image_sha256, err);

	return r == 0 ? verify(digests, root, kernel->initrd, kernel->initrd_sha256, err) : r;
}

int experiment_verify(
	struct digests *digests, int root, const struct experiment *experiment, struct err *err)
{
	int r = kernel_verify(digests, root, &experiment->kernel, err);

	if (r < 0 || !*experiment->script)
		return r;
	return verify(digests, AT_FDCWD, experiment->script, experiment->script_sha256, err);
}

int setup_verify(struct digests *digests, int root, const struct setup *setup, struct err *err)
{
	int r = kernel_verify(digests, root, &setup->kernel, err);

	return r == 0 ? verify(digests, root, setup->hypervisor_image, setup->hypervisor_sha256,
				err)
		      : r;
}

/* SPDX-License-Identifier: MIT */
#ifndef KERNELS_IMAGE_H
#define KERNELS_IMAGE_H

#include "base/err.h"

/*
 * The release that a bzImage tells of itself, as `uname -r` will print it: the first word of the
 * kernel_version string of the x86 boot protocol's header (Documentation/arch/x86/boot.rst:
 * "HdrS" at 0x202, the string at 0x200 + the 16-bit number at 0x20e). A talloc child of `ctx`;
 * -EBADMSG for a file that is no bzImage. `path` is relative to the descriptor `root`.
 */
int image_release(void *ctx, int root, const char *path, char **ret, struct err *err);

#endif

/* SPDX-License-Identifier: MIT */
/*
 * The guest's image: an initramfs with busybox, cyclictest and its libraries, /init and /measure,
 * made in this process. The same inputs give the same bytes.
 */
#ifndef GUESTS_IMAGE_H
#define GUESTS_IMAGE_H

#include "base/err.h"

/*
 * Writes the image (newc cpio, gzip) as `path` below the descriptor `directory`. `script` is the
 * absolute path of what becomes /measure, "" for the one that came with latcampaign. Programs are
 * looked up below `root`.
 */
int image_write(int root, int directory, const char *path, const char *script, struct err *err);

#endif

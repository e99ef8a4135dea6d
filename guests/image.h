/* SPDX-License-Identifier: MIT */
/*
 * The guest's image: an initramfs with busybox, /init and /measure, the program that measures,
 * those of the loads that run in guests, and all their libraries; made in this process. The same
 * inputs give the same bytes.
 */
#ifndef GUESTS_IMAGE_H
#define GUESTS_IMAGE_H

#include "base/err.h"
#include "campaigns/plan.h"

/*
 * Writes the image (newc cpio, gzip) as `path` below the descriptor `directory`. The measured guest
 * and its neighbours have the same. Programs are looked up below `root`.
 */
int image_write(int root, int directory, const char *path, const struct experiment *experiment,
	struct err *err);

#endif

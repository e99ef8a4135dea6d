/* SPDX-License-Identifier: MIT */
/* The campaign language, with the input as the file and its first line as an override too. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "campaigns/campaign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char path[64], *first = talloc_strndup(ctx, (const char *)data, size);
	const char *const overrides[] = {first, NULL};
	struct complaints complaints = {0};
	struct plan *plan;

	first[strcspn(first, "\n")] = '\0';
	/* libconfig's scanner ends the process on an include of a directory or of itself. */
	if (memmem(data, size, "@include", 8)) {
		talloc_free(ctx);
		return 0;
	}
	autoclose int fd = memfd_create("campaign", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	campaign_read(ctx, path, size % 2 ? overrides : NULL, &plan, &complaints);
	talloc_free(ctx);
	return 0;
}

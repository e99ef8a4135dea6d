/* SPDX-License-Identifier: MIT */
/* The console of a guest, and what is unpacked out of it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>

#include "base/files.h"
#include "guests/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char folder[] = "/dev/shm/latcampaign-fuzz-XXXXXX", *archive; /* millions: in memory */
	void *ctx = talloc_new(NULL);
	size_t archive_size;

	answer_find(ctx, (const char *)data, size, "n", &archive, &archive_size, NULL);
	if (!mkdtemp(folder))
		abort();
	autoclose int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	answer_unpack(directory, (const char *)data, size, NULL);
	directory_remove(AT_FDCWD, folder, NULL);
	talloc_free(ctx);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* The console of a guest, and what is unpacked out of it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "guests/answer.h"

static char folder[] = "/dev/shm/latcampaign-fuzz-XXXXXX"; /* millions of inputs: in memory */
static DIR *unpacked;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void remove_folder(void)
{
	directory_remove(AT_FDCWD, folder, NULL);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!mkdtemp(folder) || !(unpacked = opendir(folder)) || atexit(remove_folder) != 0)
		abort();
	return 0;
}

/* Few inputs leave a file: the folder is kept, and emptied. */
static void empty_folder(void)
{
	rewinddir(unpacked);
	for (struct dirent *entry; (entry = readdir(unpacked));)
		unlinkat(dirfd(unpacked), entry->d_name, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *archive;
	void *ctx = talloc_new(NULL);
	size_t archive_size;

	answer_find(ctx, (const char *)data, size, "n", &archive, &archive_size, NULL);
	answer_unpack(dirfd(unpacked), (const char *)data, size, NULL);
	empty_folder();
	talloc_free(ctx);
	return 0;
}

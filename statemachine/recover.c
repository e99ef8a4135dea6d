/* SPDX-License-Identifier: MIT */
#include "statemachine/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "base/files.h"
#include "grub-hooks/boot-method.h"
#include "statemachine/effects.h"
#include "statemachine/journal.h"
#include "statemachine/reboot.h"
#include "statemachine/store.h"

/* Moves the damaged record aside, which counts it; `ret_number` is its number, from 1. */
static int put_aside(const struct opened *opened, unsigned *ret_number, struct err *err)
{
	char name[32], **names = NULL;
	unsigned count = 0;
	int r = directory_make(opened->campaign, "damaged", err);

	if (r == 0)
		r = directory_list(NULL, opened->campaign, "damaged", &names, err);
	if (r < 0)
		return r;
	while (names && names[count])
		count++;
	talloc_free(names);
	*ret_number = count + 1;
	snprintf(name, sizeof(name), "damaged/%u", count + 1);
	if (renameat(opened->campaign, "record.json", opened->campaign, name) == 0)
		return directory_sync(opened->campaign, "damaged", err);
	if (errno != ENOENT)
		return err_set(
			err, -errno, "record.json: cannot be put aside: %s", strerror(errno));
	return file_write(opened->campaign, name, "", 0, err);
}

int recover_record(struct opened *opened, struct err *err)
{
	unsigned number = 0;
	int r = put_aside(opened, &number, err);

	if (r < 0)
		return r;
	journal(opened->campaign, JOURNAL_WARNING,
		"%s; it is put aside, and a new record is made from the results",
		opened->damage.text);
	opened->record = record_new(opened, opened->plan, time(NULL));
	if (number >= RECOVER_RECORDS) {
		opened->record->state.phase = PHASE_RETURNING;
		opened->record->state.ending = ENDING_DAMAGED;
	}
	return record_save(opened->record, opened->campaign, opened->plan, time(NULL), err);
}

bool recover_is_visit(const char *root)
{
	char *path = talloc_asprintf(NULL, "%s/proc/cmdline", root), *cmdline;
	bool ours = file_read_line(path, AT_FDCWD, path, &cmdline, NULL) == 0 &&
		    strstr(cmdline, " " PROOF_TOKEN_KEY);

	talloc_free(path);
	return ours;
}

int recover_machine(const char *root, int store, struct err *err)
{
	const struct boot_method *method = boot_method_get();
	int r = method->clear(root, err);

	if (r == 0)
		r = method->tidy(root, err);
	if (r < 0)
		return r;
	/* A BMC that cannot be asked is told of, and keeps no campaign alive. */
	int watched = reboot_arrived(store, err);
	r = store_release(store, watched == 0 ? err : NULL);
	return watched < 0 ? watched : r;
}

int recover_home(const char *root, int store, struct err *err)
{
	int r = recover_machine(root, store, err);

	return r == 0 && recover_is_visit(root) ? reboot_ask(err) : r;
}

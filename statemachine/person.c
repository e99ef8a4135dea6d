/* SPDX-License-Identifier: MIT */
#include "statemachine/person.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "statemachine/journal.h"
#include "statemachine/store.h"

#define NOTE_FILE "person"
#define SYSTEMCTL_SECONDS 30

/* "stopping", and exit status 1 like every state that is not "running". */
static bool machine_goes_down(void *ctx)
{
	static const char *const argv[] = {"systemctl", "is-system-running", NULL};
	struct err err = {""};
	char *state;

	return spawn_read(ctx, argv, SYSTEMCTL_SECONDS, &state, &err) < 0 &&
	       strstr(err.text, ": stopping");
}

/* The runner records that it asks for a reboot before it asks. */
static bool runner_asked(const struct opened *opened, const char *boot_id)
{
	const struct state *state = &opened->record->state;

	return (state->phase == PHASE_BOOTING || state->phase == PHASE_RETURNING) &&
	       strcmp(state->boot_id, boot_id) == 0;
}

static int leave_note(void *ctx, const struct opened *opened, struct err *err)
{
	char *boot_id;
	int r = file_read_line(
		ctx, opened->root_fd, "proc/sys/kernel/random/boot_id", &boot_id, err);

	if (r < 0 || runner_asked(opened, boot_id))
		return r;
	journal(opened->campaign, JOURNAL_WARNING,
		"the machine is shut down by somebody else; it is left to them");
	return file_replace(opened->campaign, NOTE_FILE, boot_id, strlen(boot_id), 0644, err);
}

int person_leaving(const char *root, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct opened *opened;
	int r = opened_open(ctx, root, NULL, &opened, err);

	if (r == 0)
		r = opened_need(opened, true, err);
	if (r == 0 && opened->record->state.phase != PHASE_ENDED && machine_goes_down(ctx))
		r = leave_note(ctx, opened, err);
	talloc_free(ctx);
	return r;
}

bool person_was_here(const struct opened *opened, const char *boot_id)
{
	char *noted;
	bool was_here = file_read_line(NULL, opened->campaign, NOTE_FILE, &noted, NULL) == 0;

	if (!was_here)
		return false;
	was_here = strcmp(noted, boot_id) != 0;
	talloc_free(noted);
	return was_here;
}

int person_forget(const struct opened *opened, struct err *err)
{
	return file_remove(opened->campaign, NOTE_FILE, err);
}

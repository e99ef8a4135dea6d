/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "grub-hooks/boot-method.h"
#include "kernels/kernel.h"
#include "statemachine/effects.h"
#include "statemachine/person.h"
#include "statemachine/store.h"

_Static_assert(STEP_TOKEN_SIZE == TOKEN_HEX + 1, "a token fits the state exactly");

static enum boot_proof prove(const struct runner *runner)
{
	const struct plan *plan = runner->opened->plan;
	const struct state *state = &runner->opened->record->state;

	if (!*state->token || strcmp(runner->found->token, state->token) != 0)
		return BOOT_NOT_OURS;
	struct identity *asked =
		identity_asked(NULL, &plan->setups[plan->visits[state->visit].setup], state->token);
	bool same = !identity_difference(asked, asked, runner->found);
	talloc_free(asked);
	return same ? BOOT_PROVED : BOOT_WRONG;
}

static bool at_home(const struct runner *runner)
{
	char *difference = identity_difference(NULL, runner->opened->home, runner->found);

	talloc_free(difference);
	return !difference;
}

static bool is_active(const struct opened *opened)
{
	char *active = store_active(NULL, opened->store);
	bool ours = active && strcmp(active, opened->plan->name) == 0;

	talloc_free(active);
	return ours;
}

/* Which visits would boot what was there at the start. A file that cannot be read just now tells
 * neither. */
static int ready_visits(
	void *ctx, const struct runner *runner, const bool **ret_ready, struct err *err)
{
	const struct plan *plan = runner->opened->plan;
	bool *ready = talloc_zero_array(ctx, bool, plan->visit_count);
	int r = 0;

	for (unsigned i = 0; i < plan->visit_count && (r == 0 || r == -ESTALE); i++) {
		r = setup_verify(runner->digests, runner->opened->root_fd,
			&plan->setups[plan->visits[i].setup], err);
		ready[i] = r == 0;
	}
	*ret_ready = ready;
	return r == -ESTALE ? 0 : r;
}

int effects_observe(
	void *ctx, const struct runner *runner, struct observation *seen, struct err *err)
{
	const struct opened *opened = runner->opened;
	const struct boot_method *method = boot_method_get();

	*seen = (struct observation){
		.proof = prove(runner),
		.at_home = at_home(runner),
		.entries = method->entries(opened->root),
		.active = is_active(opened),
		.report = file_exists(opened->campaign, "SHA256SUMS"),
		.stop = file_exists(opened->campaign, "stop"),
		.person = person_was_here(opened, runner->found->boot_id),
		.out_of_time = opened->record->spent > opened->plan->limits.wall_seconds,
		.done = opened_done(ctx, opened),
	};
	strncpy(seen->boot_id, runner->found->boot_id, sizeof(seen->boot_id) - 1);
	int r = ready_visits(ctx, runner, &seen->ready, err);
	if (r == 0)
		r = digest_token(seen->fresh_token, err);
	return r == 0 ? method->armed(opened->root, &seen->one_shot, err) : r;
}

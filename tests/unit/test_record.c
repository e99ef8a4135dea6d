/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>

#include "statemachine/journal.h"
#include "statemachine/record.h"
#include "statemachine/store.h"

static struct visit visits[] = {{0, 1, 0, 2}, {1, 1, 2, 1}};
static struct plan plan = {
	.name = (char *)"test",
	.visits = visits,
	.visit_count = 2,
	.run_count = 3,
	.limits = {3, 2, 7, 1, 1},
};

static struct record *make_record(struct scratch *s)
{
	struct setup setup = {.kernel = {.release = (char *)"6.1"},
		.cmdline = (char *)"",
		.hypervisor_cmdline = (char *)"",
		.base_cmdline = (char *)"ro"};
	struct record *record =
		record_new(s->ctx, &plan, identity_asked(s->ctx, &setup, "t"), 1000);

	record->state.phase = PHASE_VISITING;
	record->state.visit = 1;
	record->state.run = 2;
	record->state.boots = 5;
	record->state.away = true;
	strcpy(record->state.token, "0123456789abcdef");
	strcpy(record->state.boot_id, "c0ffee00-0000-4000-8000-000000000000");
	record->state.run_attempts[2] = 1;
	record->state.boot_attempts[1] = 2;
	record->boot_seconds = 17;
	return record;
}

static void a_record_comes_back_as_it_was(void **state)
{
	struct scratch *s = *state;
	struct record *record = make_record(s), *back;

	assert_int_equal(record_save(record, s->fd, &plan, 2000, NULL), 0);
	assert_int_equal(record_load(s->ctx, s->fd, &plan, &back, NULL), 0);
	assert_int_equal(back->state.phase, PHASE_VISITING);
	assert_int_equal(back->state.visit, 1);
	assert_int_equal(back->state.run, 2);
	assert_int_equal(back->state.boots, 5);
	assert_true(back->state.away);
	assert_string_equal(back->state.token, "0123456789abcdef");
	assert_string_equal(back->state.boot_id, "c0ffee00-0000-4000-8000-000000000000");
	assert_int_equal(back->state.run_attempts[2], 1);
	assert_int_equal(back->state.boot_attempts[1], 2);
	assert_int_equal(back->started, 1000);
	assert_int_equal(back->changed, 2000);
	assert_int_equal(back->boot_seconds, 17);
	assert_string_equal(back->home->release, "6.1");
}

/* Cut anywhere and every byte flipped: either it is noticed, or the state is within the plan. */
static void a_damaged_record_is_never_believed_blindly(void **state)
{
	struct scratch *s = *state;
	struct record *back;
	char *text;
	size_t size;

	assert_int_equal(record_save(make_record(s), s->fd, &plan, 2000, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "record.json", 65536, &text, &size, NULL), 0);
	for (size_t cut = 0; cut < size - 2; cut++) {
		assert_int_equal(file_write(s->fd, "record.json", text, cut, NULL), 0);
		assert_int_equal(record_load(s->ctx, s->fd, &plan, &back, NULL), -EBADMSG);
	}
	for (size_t at = 0; at < size; at++) {
		text[at] ^= 1;
		assert_int_equal(file_write(s->fd, "record.json", text, size, NULL), 0);
		if (record_load(s->ctx, s->fd, &plan, &back, NULL) == 0) {
			assert_true(back->state.visit < plan.visit_count);
			assert_true(back->state.run < (int)plan.run_count);
			talloc_free(back);
		}
		text[at] ^= 1;
	}
}

static void a_revived_record_has_all_its_attempts_again(void **state)
{
	struct scratch *s = *state;
	struct record *record = make_record(s);

	record_revive(record, &plan, 3000);
	assert_int_equal(record->state.phase, PHASE_CHOOSING);
	assert_int_equal(record->state.run, STEP_NO_RUN);
	assert_int_equal(record->state.run_attempts[2], 0);
	assert_int_equal(record->state.boot_attempts[1], 0);
	assert_int_equal(record->started, 3000);
	assert_string_equal(record->home->release, "6.1");
}

static void the_core_sees_the_plan(void **state)
{
	struct scratch *s = *state;
	struct step_plan *view = record_step_plan(s->ctx, &plan);

	assert_int_equal(view->visit_of_run[0], 0);
	assert_int_equal(view->visit_of_run[1], 0);
	assert_int_equal(view->visit_of_run[2], 1);
	assert_int_equal(view->boots, 7);
	assert_int_equal(view->boot_attempts, 3);
}

static void one_campaign_is_active_at_a_time(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};
	int lock, second;

	assert_null(store_active(s->ctx, s->fd));
	assert_int_equal(store_activate(s->fd, "paper", NULL), 0);
	assert_int_equal(store_activate(s->fd, "paper", NULL), 0);
	assert_int_equal(store_activate(s->fd, "other", &err), -EBUSY);
	assert_non_null(strstr(err.text, "campaign paper is under way"));
	assert_string_equal(store_active(s->ctx, s->fd), "paper");
	assert_int_equal(store_release(s->fd, NULL), 0);
	assert_int_equal(store_release(s->fd, NULL), 0);
	assert_null(store_active(s->ctx, s->fd));
	assert_int_equal(store_lock(s->fd, &lock, NULL), 0);
	assert_int_equal(store_lock(s->fd, &second, &err), -EBUSY);
	close(lock);
}

static void the_log_keeps_warnings_apart(void **state)
{
	struct scratch *s = *state;

	journal(s->fd, JOURNAL_INFO, "all is well");
	journal(s->fd, JOURNAL_WARNING, "run %s failed", "a.b.1");
	char **warnings = journal_warnings(s->ctx, s->fd);
	assert_non_null(warnings[0]);
	assert_non_null(strstr(warnings[0], "Z: run a.b.1 failed"));
	assert_null(warnings[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_record_comes_back_as_it_was),
		scratch_test(a_damaged_record_is_never_believed_blindly),
		scratch_test(a_revived_record_has_all_its_attempts_again),
		scratch_test(the_core_sees_the_plan),
		scratch_test(one_campaign_is_active_at_a_time),
		scratch_test(the_log_keeps_warnings_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <errno.h>

#include "base/sealed.h"
#include "report/log.h"
#include "statemachine/journal.h"
#include "statemachine/record.h"
#include "statemachine/store.h"

static struct visit visits[] = {{0, 1, 0, 2}, {1, 1, 2, 1}};
static struct plan plan = {
	.name = (char *)"test",
	.visits = visits,
	.visit_count = 2,
	.run_count = 3,
	.limits = {.boot_attempts = 3,
		.run_attempts = 2,
		.boots = 7,
		.idle_boots = 6,
		.boot_seconds = 1,
		.watchdog_seconds = 1},
};

static struct record *make_record(struct scratch *s)
{
	struct record *record = record_new(s->ctx, &plan, 1000);

	assert_int_equal(record->state.run, STEP_NO_RUN);
	assert_int_equal(record->changed, 1000);
	assert_string_equal(record->trouble, "");
	record->state.phase = PHASE_VISITING;
	record->state.visit = 1;
	record->state.run = 2;
	record->state.boots = 5;
	record->state.idle_boots = 4;
	record->state.results = 2;
	record->state.away = true;
	strcpy(record->state.token, "0123456789abcdef");
	strcpy(record->state.boot_id, "c0ffee00-0000-4000-8000-000000000000");
	record->state.run_attempts[2] = 1;
	record->state.boot_attempts[1] = 2;
	record->boot_seconds = 17;
	record->spent = 90;
	record->uptime = 40;
	strcpy(record->up_in, "c0ffee00-0000-4000-8000-000000000000");
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
	assert_int_equal(back->state.idle_boots, 4);
	assert_int_equal(back->state.results, 2);
	assert_true(back->state.away);
	assert_string_equal(back->state.token, "0123456789abcdef");
	assert_string_equal(back->state.boot_id, "c0ffee00-0000-4000-8000-000000000000");
	assert_int_equal(back->state.run_attempts[2], 1);
	assert_int_equal(back->state.boot_attempts[1], 2);
	assert_int_equal(back->started, 1000);
	assert_int_equal(back->changed, 2000);
	assert_int_equal(back->boot_seconds, 17);
	assert_int_equal(back->spent, 90);
	assert_int_equal(back->uptime, 40);
	assert_string_equal(back->up_in, "c0ffee00-0000-4000-8000-000000000000");
}

/* Uptimes of boots, never a date: a clock that is set does not end a campaign. */
static void the_time_of_a_campaign_is_the_uptime_of_its_boots(void **state)
{
	struct scratch *s = *state;
	struct record *record = record_new(s->ctx, &plan, 1000);

	record_count_time(record, "a", 500000); /* it was up for long before the campaign */
	assert_int_equal(record->spent, 0);
	record_count_time(record, "a", 500010);
	assert_int_equal(record->spent, 10);
	record_count_time(record, "b", 30);
	assert_int_equal(record->spent, 40);
	record_count_time(record, "b", 35);
	assert_int_equal(record->spent, 45);
	record_revive(record, &plan, 2000);
	record_count_time(record, "b", 600);
	assert_int_equal(record->spent, 0);
}

/* Cut anywhere, and every bit flipped: it is noticed. */
static void a_damaged_record_is_never_believed(void **state)
{
	struct scratch *s = *state;
	struct record *back;
	char *text;
	size_t size;

	assert_int_equal(record_save(make_record(s), s->fd, &plan, 2000, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "record.json", 65536, &text, &size, NULL), 0);
	for (size_t cut = 0; cut < size - 1; cut++) {
		assert_int_equal(file_write(s->fd, "record.json", text, cut, NULL), 0);
		assert_int_equal(record_load(s->ctx, s->fd, &plan, &back, NULL), -EBADMSG);
	}
	for (size_t bit = 0; bit < 8 * size; bit++) {
		text[bit / 8] = (char)((unsigned char)text[bit / 8] ^ 1u << bit % 8);
		assert_int_equal(file_write(s->fd, "record.json", text, size, NULL), 0);
		/* White space between two members may become other white space. */
		if (record_load(s->ctx, s->fd, &plan, &back, NULL) == 0 &&
			!isspace((unsigned char)text[bit / 8]))
			fail_msg("bit %zu is flipped and nobody notices", bit);
		text[bit / 8] = (char)((unsigned char)text[bit / 8] ^ 1u << bit % 8);
	}
}

/* The record with one value of its state (or of itself) replaced. */
static int load_with(struct scratch *s, const char *key, const char *value, struct record **ret)
{
	json_error_t where;
	json_t *json, *part;

	assert_int_equal(record_save(make_record(s), s->fd, &plan, 2000, NULL), 0);
	assert_int_equal(sealed_load(s->fd, "record.json", 65536, &json, NULL), 0);
	part = json_object_get(json, "state");
	part = json_object_get(part, key) ? part : json;
	assert_non_null(json_object_get(part, key));
	assert_int_equal(
		json_object_set_new(part, key, json_loads(value, JSON_DECODE_ANY, &where)), 0);
	int r = record_from_json(s->ctx, json, &plan, ret, NULL);
	json_decref(json);
	return r;
}

static void values_outside_the_plan_are_refused(void **state)
{
	struct scratch *s = *state;
	struct record *back;
	/* The record was made for 2 visits and 3 runs. */
	static const char *const bad[][2] = {
		{"phase", "\"resting\""},
		{"phase", "1"},
		{"ending", "\"bad\""},
		{"token", "\"0123456789abcdef0\""},
		{"token", "null"},
		{"boot_id", "7"},
		{"visit", "2"},
		{"visit", "-1"},
		{"visit", "\"1\""},
		{"run", "3"},
		{"run", "-2"},
		{"run", "null"},
		{"boots", "-1"},
		{"boots", "1000001"},
		{"boots", "1.5"},
		{"reboot_asks", "-1"},
		{"home_attempts", "true"},
		{"reports", "[]"},
		{"boot_attempts", "[0]"},
		{"boot_attempts", "[0, 0, 0]"},
		{"boot_attempts", "[-1, 0]"},
		{"boot_attempts", "[0, -1]"},
		{"run_attempts", "{}"},
		{"run_attempts", "[0, 0, 0, 0]"},
		{"format", "1"},
		{"format", "2"},
		{"trouble", "1"},
		{"results", "4"},
		{"idle_boots", "-1"},
	};
	static const char *const good[][2] = {
		{"visit", "0"},
		{"visit", "1"},
		{"run", "-1"},
		{"run", "2"},
		{"boots", "1000000"},
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (load_with(s, bad[i][0], bad[i][1], &back) != -EBADMSG)
			fail_msg("%s = %s is not refused", bad[i][0], bad[i][1]);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(load_with(s, good[i][0], good[i][1], &back), 0);
}

static void a_revived_record_has_all_its_attempts_again(void **state)
{
	struct scratch *s = *state;
	struct record *record = make_record(s);

	record->trouble = talloc_strdup(record, "it broke");
	record_revive(record, &plan, 3000);
	assert_string_equal(record->trouble, "");
	assert_int_equal(record->state.phase, PHASE_CHOOSING);
	assert_int_equal(record->state.run, STEP_NO_RUN);
	assert_int_equal(record->state.run_attempts[2], 0);
	assert_int_equal(record->state.boot_attempts[1], 0);
	assert_int_equal(record->started, 3000);
}

static void the_core_sees_the_plan(void **state)
{
	struct scratch *s = *state;
	struct step_plan *view = record_step_plan(s->ctx, &plan);

	assert_int_equal(view->visit_count, 2);
	assert_int_equal(view->run_count, 3);
	assert_int_equal(view->run_attempts, 2);
	assert_int_equal(view->visit_of_run[0], 0);
	assert_int_equal(view->visit_of_run[1], 0);
	assert_int_equal(view->visit_of_run[2], 1);
	assert_int_equal(view->boots, 7);
	assert_int_equal(view->idle_boots, 6);
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
	assert_false(store_is_locked(s->fd));
	assert_int_equal(store_lock(s->fd, &lock, NULL), 0);
	assert_true(store_is_locked(s->fd));
	assert_int_equal(store_lock(s->fd, &second, &err), -EBUSY);
	close(lock);
	assert_false(store_is_locked(s->fd));
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

/* Of a log that no report can hold the last warnings are listed, and that there were others. */
static void the_end_of_a_large_log_counts(void **state)
{
	struct scratch *s = *state;
	char *text;
	size_t size;

	journal(s->fd, JOURNAL_WARNING, "the first");
	int fd = openat(s->fd, "log", O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, (off_t)LOG_LIMIT + 1), 0);
	close(fd);
	journal(s->fd, JOURNAL_INFO, "a line that begins behind zeros");
	journal(s->fd, JOURNAL_WARNING, "the last");
	char **warnings = journal_warnings(s->ctx, s->fd);
	assert_non_null(warnings[0]);
	assert_non_null(
		strstr(warnings[0], "Z: the log is larger than 64 MiB; what stands before"));
	assert_non_null(strstr(warnings[1], "Z: the last"));
	assert_null(warnings[2]);
	assert_int_equal(log_read(s->ctx, s->fd, &text, &size, NULL), 0);
	assert_int_equal(size, strlen(text));
	assert_null(strstr(text, "the first"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_record_comes_back_as_it_was),
		scratch_test(the_time_of_a_campaign_is_the_uptime_of_its_boots),
		scratch_test(a_damaged_record_is_never_believed),
		scratch_test(values_outside_the_plan_are_refused),
		scratch_test(a_revived_record_has_all_its_attempts_again),
		scratch_test(the_core_sees_the_plan),
		scratch_test(one_campaign_is_active_at_a_time),
		scratch_test(the_log_keeps_warnings_apart),
		scratch_test(the_end_of_a_large_log_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

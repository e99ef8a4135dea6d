/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/mman.h>

#include "campaigns/knobs.h"
#include "tuning/tuning.h"
#include "tuning/value.h"

#define THP "sys/kernel/mm/transparent_hugepage/enabled"
#define GOVERNOR(cpu) "sys/devices/system/cpu/cpu" cpu "/cpufreq/scaling_governor"
#define BOOT_ID "proc/sys/kernel/random/boot_id"

static char *none[] = {NULL};

/* A machine of plain files; the campaign's directory is campaign/ in it. */
static int machine(struct scratch *s)
{
	scratch_file(s, BOOT_ID, "boot-1\n");
	scratch_file(s, GOVERNOR("0"), "powersave\n");
	scratch_file(s, GOVERNOR("1"), "schedutil\n");
	scratch_file(s, "sys/devices/system/cpu/cpufreq/boost", "1\n");
	scratch_file(s, "sys/kernel/mm/ksm/run", "1\n");
	scratch_file(s, "proc/sys/kernel/timer_migration", "1\n");
	scratch_file(s, "dev/cpu_dma_latency", "");
	scratch_file(s, "campaign/keep", "");
	return openat(s->fd, "campaign", O_RDONLY | O_DIRECTORY);
}

static void expect(struct scratch *s, const char *path, const char *value)
{
	char *line;

	assert_int_equal(file_read_line(s->ctx, s->fd, path, &line, NULL), 0);
	/* A file of a test keeps what stood behind a shorter value; one of /sys does not. */
	if (strncmp(line, value, strlen(value)) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", path, line, value);
}

static int apply(struct scratch *s, int campaign, char **of_setup, char **of_experiment,
	struct tuning **tuning, json_t **found, struct err *err)
{
	struct setup setup = {.tuning = of_setup};
	struct experiment experiment = {.tuning = of_experiment};

	return tuning_apply(s->ctx, s->fd, campaign, &setup, &experiment, tuning, found, err);
}

static const char *told(const json_t *found, const char *knob, const char *key)
{
	for (size_t i = 0; i < json_array_size(found); i++) {
		const json_t *entry = json_array_get(found, i);
		if (strcmp(json_string_value(json_object_get(entry, "knob")), knob) == 0)
			return json_string_value(json_object_get(entry, key));
	}
	return NULL;
}

static void knobs_are_turned_and_put_back(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"ksm=0", (char *)"timer_migration=1", (char *)"skew_tick=1", NULL};
	char *experiment[] = {(char *)"timer_migration=0", (char *)"dma_latency=20", NULL};
	struct tuning *tuning;
	struct err err = {""};
	json_t *found;

	if (apply(s, campaign, setup, experiment, &tuning, &found, &err) < 0)
		fail_msg("%s", err.text);
	expect(s, "sys/kernel/mm/ksm/run", "0");
	expect(s, "proc/sys/kernel/timer_migration", "0"); /* the experiment's word counts */
	assert_int_equal(json_array_size(found), 3);
	assert_string_equal(told(found, "ksm", "was"), "1");
	assert_string_equal(told(found, "ksm", "found"), "0");
	assert_string_equal(told(found, "ksm", "path"), "/sys/kernel/mm/ksm/run");
	assert_string_equal(told(found, "dma_latency", "found"), "20");
	assert_true(file_exists(campaign, "tuning.json"));
	json_decref(found);
	assert_int_equal(tuning_end(tuning, &err), 0);
	expect(s, "sys/kernel/mm/ksm/run", "1");
	expect(s, "proc/sys/kernel/timer_migration", "1");
	assert_false(file_exists(campaign, "tuning.json"));
	close(campaign);
}

/* As many bytes as "powersave" has: a plain file is not truncated by a write. */
static void every_cpus_governor_is_turned(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"governor=userspace", NULL};
	struct tuning *tuning;
	struct err err = {""};
	json_t *found;

	if (apply(s, campaign, setup, none, &tuning, &found, &err) < 0)
		fail_msg("%s", err.text);
	expect(s, GOVERNOR("0"), "userspace");
	expect(s, GOVERNOR("1"), "userspace");
	assert_int_equal(json_array_size(found), 2);
	json_decref(found);
	assert_int_equal(tuning_end(tuning, NULL), 0);
	expect(s, GOVERNOR("0"), "powersave");
	expect(s, GOVERNOR("1"), "schedutil");
	close(campaign);
}

/* A file that can be read and takes nothing, as the kernel's does for such a word. */
static void refuse_writes(struct scratch *s, const char *path, const char *text)
{
	int fd = memfd_create("refuses", MFD_ALLOW_SEALING); /* open until the test's end */

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	assert_int_equal(unlinkat(s->fd, path, 0), 0);
	assert_int_equal(
		symlinkat(talloc_asprintf(s->ctx, "/proc/self/fd/%d", fd), s->fd, path), 0);
}

static void a_governor_that_does_not_exist_is_an_error(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"ksm=0", (char *)"governor=fast", NULL};
	struct tuning *tuning = NULL;
	struct err err = {""};
	json_t *found;

	refuse_writes(s, GOVERNOR("0"), "powersave\n");
	scratch_file(s, "sys/devices/system/cpu/cpu0/cpufreq/scaling_available_governors",
		"performance powersave\n");
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, &err), -EPERM);
	assert_non_null(strstr(err.text, "cpu0/cpufreq/scaling_governor: does not take \"fast\""));
	assert_non_null(strstr(err.text, "; it knows performance powersave"));
	assert_null(tuning);
	json_decref(found);
	/* What had been turned before is back. */
	expect(s, "sys/kernel/mm/ksm/run", "1");
	assert_false(file_exists(campaign, "tuning.json"));
	close(campaign);
}

/* A plain file keeps the tail of a longer word: it reads back otherwise. */
static void a_value_that_reads_back_otherwise_is_an_error(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"governor=fast", NULL};
	struct tuning *tuning = NULL;
	struct err err = {""};
	json_t *found;

	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, &err), -EIO);
	assert_non_null(strstr(err.text, "asked \"fast\", found \"fastrsave\""));
	assert_string_equal(told(found, "governor", "found"), "fastrsave");
	json_decref(found);
	expect(s, GOVERNOR("0"), "powersave");
	close(campaign);
}

static void a_knob_without_its_file_is_an_error_unless_nothing_is_to_do(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *never[] = {(char *)"thp=never", NULL}, *always[] = {(char *)"thp=always", NULL};
	char *turbo[] = {(char *)"no_turbo=1", NULL};
	struct tuning *tuning;
	struct err err = {""};
	json_t *found;

	assert_int_equal(apply(s, campaign, never, none, &tuning, &found, &err), 0);
	assert_true(told(found, "thp", "asked") && !told(found, "thp", "found"));
	json_decref(found);
	assert_int_equal(tuning_end(tuning, NULL), 0);
	assert_int_equal(apply(s, campaign, always, none, &tuning, &found, &err), -ENOENT);
	assert_non_null(strstr(err.text, "there is no /" THP));
	json_decref(found);
	assert_int_equal(apply(s, campaign, turbo, none, &tuning, &found, &err), -ENOENT);
	json_decref(found);
	close(campaign);
}

/* The runner is killed between apply and end: the next one of the same boot puts back. */
static void what_a_killed_runner_left_is_put_back(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"ksm=0", NULL};
	struct tuning *tuning;
	json_t *found;

	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, NULL), 0);
	json_decref(found);
	expect(s, "sys/kernel/mm/ksm/run", "0");
	assert_int_equal(tuning_restore(s->fd, campaign, NULL), 0);
	expect(s, "sys/kernel/mm/ksm/run", "1");
	assert_false(file_exists(campaign, "tuning.json"));
	assert_int_equal(tuning_restore(s->fd, campaign, NULL), 0);
	/* And so does the next run, which knows what was there before the first. */
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, NULL), 0);
	json_decref(found);
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, NULL), 0);
	assert_string_equal(told(found, "ksm", "was"), "1");
	json_decref(found);
	assert_int_equal(tuning_end(tuning, NULL), 0);
	expect(s, "sys/kernel/mm/ksm/run", "1");
	close(campaign);
}

static void another_boot_has_its_own_knobs(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"ksm=0", NULL};
	struct tuning *tuning;
	json_t *found;

	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, NULL), 0);
	json_decref(found);
	scratch_file(s, BOOT_ID, "boot-2\n");
	assert_int_equal(tuning_restore(s->fd, campaign, NULL), 0);
	expect(s, "sys/kernel/mm/ksm/run", "0");
	assert_false(file_exists(campaign, "tuning.json"));
	close(campaign);
}

/* Nothing is turned before it is noted what was there. */
static void without_a_note_nothing_is_turned(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"ksm=0", NULL};
	struct tuning *tuning;
	json_t *found;

	assert_int_equal(unlinkat(s->fd, BOOT_ID, 0), 0);
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, NULL), -ENOENT);
	json_decref(found);
	expect(s, "sys/kernel/mm/ksm/run", "1");
	close(campaign);
}

static void knobs_of_the_boot_are_read_back(void **state)
{
	struct scratch *s = *state;
	int campaign = machine(s);
	char *setup[] = {(char *)"isolcpus=1", (char *)"hugepages=64", NULL};
	struct tuning *tuning;
	struct err err = {""};
	json_t *found;

	scratch_file(s, "sys/devices/system/cpu/isolated", "1\n");
	scratch_file(s, "proc/sys/vm/nr_hugepages", "64\n");
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, &err), 0);
	assert_string_equal(told(found, "isolcpus", "found"), "1");
	json_decref(found);
	assert_int_equal(tuning_end(tuning, NULL), 0);
	/* Memory did not suffice. */
	scratch_file(s, "proc/sys/vm/nr_hugepages", "61\n");
	assert_int_equal(apply(s, campaign, setup, none, &tuning, &found, &err), -EIO);
	assert_non_null(strstr(err.text, "asked \"64\", found \"61\""));
	json_decref(found);
	close(campaign);
}

static void values_are_compared_by_what_they_mean(void **state)
{
	struct scratch *s = *state;
	char *value;

	assert_true(value_same("f", "00000000,0000000f"));
	assert_true(value_same("0", "00"));
	assert_true(value_same("-1", "-1"));
	assert_true(value_same("ff,ffffffff", "000000ff,ffffffff"));
	assert_false(value_same("1", "10"));
	assert_false(value_same("", "0"));
	assert_false(value_same("never", "always"));
	scratch_file(s, THP, "always [madvise] never\n");
	assert_int_equal(value_read(s->ctx, s->fd, THP, &value, NULL), 0);
	assert_string_equal(value, "madvise");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(knobs_are_turned_and_put_back),
		scratch_test(every_cpus_governor_is_turned),
		scratch_test(a_governor_that_does_not_exist_is_an_error),
		scratch_test(a_value_that_reads_back_otherwise_is_an_error),
		scratch_test(a_knob_without_its_file_is_an_error_unless_nothing_is_to_do),
		scratch_test(what_a_killed_runner_left_is_put_back),
		scratch_test(another_boot_has_its_own_knobs),
		scratch_test(without_a_note_nothing_is_turned),
		scratch_test(knobs_of_the_boot_are_read_back),
		scratch_test(values_are_compared_by_what_they_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

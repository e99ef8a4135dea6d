/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>

#include "base/spawn.h"
#include "campaigns/load-names.h"
#include "loads/cpu-time.h"
#include "loads/load.h"
#include "loads/running.h"

static char *names[] = {NULL, NULL, NULL};
static struct experiment experiment = {
	.load = names, .load_place = LOAD_HOST, .vcpus = 2, .script = (char *)""};

static void every_name_is_a_load(void **state)
{
	struct scratch *s = *state;

	for (const char *const *name = load_names; *name; name++) {
		const struct load *load = load_find(*name);
		assert_non_null(load);
		const char **argv = load_argv(s->ctx, load, 3, "/scratch");
		assert_string_equal(argv[0], load->argv[0]);
		assert_null(strchr(load_line(s->ctx, argv), '{'));
		assert_non_null(load->programs[0].name);
	}
	assert_null(load_find("idle"));
}

static void a_command_is_exact(void **state)
{
	struct scratch *s = *state;

	setenv("LATCAMPAIGN_DATADIR", "/data", 1);
	assert_string_equal(
		load_line(s->ctx, load_argv(s->ctx, load_find("kernel-build"), 4, "/run/scratch")),
		"make --silent --file=/data/loads/kernel-build.mk --directory=/run/scratch JOBS=4");
	assert_string_equal(load_line(s->ctx, load_argv(s->ctx, load_find("network"), 2, "/s")),
		"stress-ng --timeout 0 --temp-path /s --sock 2 --udp 2");
}

static void a_guest_is_told_what_to_run(void **state)
{
	struct scratch *s = *state;
	char *two[] = {(char *)"kernel", (char *)"network", NULL};
	struct experiment in_guest = {.load = two, .load_place = LOAD_GUEST};

	assert_string_equal(
		load_words(s->ctx, &in_guest, false), "latcampaign.load=kernel,network");
	assert_string_equal(load_words(s->ctx, &in_guest, true), "latcampaign.role=neighbour");
	in_guest.load_place = LOAD_NEIGHBOUR;
	assert_string_equal(load_words(s->ctx, &in_guest, false), "");
	assert_string_equal(load_words(s->ctx, &in_guest, true),
		"latcampaign.role=neighbour latcampaign.load=kernel,network");
	in_guest.load_place = LOAD_HOST;
	assert_string_equal(load_words(s->ctx, &in_guest, false), "");
}

static void programs_that_are_missing_are_named(void **state)
{
	struct scratch *s = *state;
	struct complaints complaints = {0};

	names[0] = (char *)"hackbench";
	load_check(s->ctx, s->fd, &experiment, &complaints);
	assert_int_equal(complaints.count, 1);
	assert_non_null(strstr(complaints.lines[0], "hackbench is not installed"));
	assert_non_null(strstr(complaints.lines[0], "rt-tests"));
	scratch_file(s, "usr/bin/hackbench", "");
	complaints = (struct complaints){0};
	load_check(s->ctx, s->fd, &experiment, &complaints);
	assert_int_equal(complaints.count, 0);
	/* A compiler alone builds no kernel. */
	names[0] = (char *)"kernel-build";
	load_check(s->ctx, s->fd, &experiment, &complaints);
	unsigned without = complaints.count;
	assert_non_null(strstr(complaints.lines[without - 1], "needs /usr/src/linux-source-*"));
	scratch_file(s, "usr/src/linux-source-6.1.tar.xz", "");
	complaints = (struct complaints){0};
	load_check(s->ctx, s->fd, &experiment, &complaints);
	assert_int_equal(complaints.count, without - 1);
}

/* --- on the host ------------------------------------------------------------------------- */

/* A program of ours in the place of stress-ng. It checks what it is called with: the kernel load.
 */
static void fake_stress_ng(struct scratch *s, const char *work)
{
	char *script = talloc_asprintf(s->ctx,
		"#!/bin/sh\n"
		"[ \"$1 $2 $3\" = '--timeout 0 --temp-path' ] || { echo \"bad: $*\"; exit 9; }\n"
		"[ -d \"$4\" ] || { echo 'no scratch'; exit 8; }\n"
		"case $* in *' --fork '*' --mmap '*) ;; *) echo \"bad: $*\"; exit 7 ;; esac\n"
		"touch \"$4/left-behind\"\n%s\n",
		work);

	scratch_file(s, "stress-ng", script);
	assert_int_equal(fchmodat(s->fd, "stress-ng", 0755, 0), 0);
	/* Programs are looked up in the folders of the runner's own PATH. */
	setenv("PATH", talloc_asprintf(s->ctx, "%s:/usr/bin:/bin", s->path), 1);
	names[0] = (char *)"kernel";
}

static int run_directory(struct scratch *s)
{
	scratch_file(s, "run/keep", "");
	return openat(s->fd, "run", O_RDONLY | O_DIRECTORY);
}

static void a_load_runs_and_proves_it(void **state)
{
	struct scratch *s = *state;
	struct loads *loads;
	struct err err = {""};
	json_t *json = NULL;
	int directory = run_directory(s), restarts;
	double cpu;
	const char *argv, *status;

	fake_stress_ng(s, "while :; do :; done");
	if (loads_start(s->ctx, &experiment, directory, &loads, &err) < 0)
		fail_msg("%s", err.text);
	struct pollfd ended = {.fd = loads_fd(loads), .events = POLLIN};
	assert_int_equal(poll(&ended, 1, 500), 0);
	if (loads_stop(loads, &json, &err) < 0)
		fail_msg("%s", err.text);
	json_t *first = json_array_get(json_object_get(json, "loads"), 0);
	assert_int_equal(json_unpack(first, "{s:F, s:s, s:s, s:i}", "cpu_seconds", &cpu, "argv",
				 &argv, "status", &status, "restarts", &restarts),
		0);
	assert_true(cpu > 0.05);
	assert_non_null(strstr(argv, "stress-ng --timeout 0 --temp-path /"));
	assert_string_equal(status, "ran until it was stopped");
	assert_true(json_is_true(json_object_get(first, "ended_after_last")));
	assert_false(file_exists(directory, "scratch"));
	json_decref(json);
	close(directory);
}

static void a_load_that_cannot_run_is_told_with_its_words(void **state)
{
	struct scratch *s = *state;
	struct loads *loads;
	struct err err = {""};
	int directory = run_directory(s);

	fake_stress_ng(s, "echo no such stressor; exit 3");
	assert_int_equal(loads_start(s->ctx, &experiment, directory, &loads, &err), -EIO);
	assert_non_null(strstr(err.text, "load kernel exited with status 3"));
	assert_non_null(strstr(err.text, "no such stressor"));
	assert_false(file_exists(directory, "scratch"));
	/* One that cannot even be started, beside one that has had no time to do anything. */
	fake_stress_ng(s, "exec sleep 60");
	names[1] = (char *)"hackbench";
	setenv("PATH", s->path, 1);
	scratch_file(s, "sleep", "#!/bin/sh\nread nothing\n");
	assert_int_equal(fchmodat(s->fd, "sleep", 0755, 0), 0);
	assert_int_equal(loads_start(s->ctx, &experiment, directory, &loads, &err), -ENOENT);
	assert_non_null(strstr(err.text, "hackbench could not be started"));
	names[1] = NULL;
	close(directory);
}

/* The measurement ends at once, and the load's end is what is told. */
static void a_load_that_dies_ends_the_measurement(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = {"sleep", "60", NULL};
	struct spawn_result result;
	struct loads *loads;
	struct err err = {""};
	json_t *json = NULL;
	int directory = run_directory(s);

	fake_stress_ng(s, "sleep 2; kill -9 $$");
	assert_int_equal(loads_start(s->ctx, &experiment, directory, &loads, &err), 0);
	struct spawn_options options = spawn_options(argv);
	options.timeout_seconds = 30;
	options.beside_fd = loads_fd(loads);
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_LEFT_ALONE);
	assert_int_equal(loads_stop(loads, &json, &err), -ECHILD);
	assert_non_null(strstr(err.text, "load kernel was killed by signal 9"));
	json_t *first = json_array_get(json_object_get(json, "loads"), 0);
	assert_true(json_is_false(json_object_get(first, "ended_after_last")));
	json_decref(json);
	close(directory);
}

static void a_load_that_does_nothing_is_none(void **state)
{
	struct scratch *s = *state;
	struct loads *loads;
	struct err err = {""};
	int directory = run_directory(s);

	fake_stress_ng(s, "exec sleep 60");
	assert_int_equal(loads_start(s->ctx, &experiment, directory, &loads, &err), 0);
	poll(NULL, 0, 300);
	assert_int_equal(loads_stop(loads, NULL, &err), -EIO);
	assert_non_null(strstr(err.text, "which is no load"));
	close(directory);
}

static void without_loads_nothing_is_told(void **state)
{
	struct scratch *s = *state;
	struct loads *loads;
	json_t *json = NULL;

	names[0] = NULL;
	assert_int_equal(loads_start(s->ctx, &experiment, s->fd, &loads, NULL), 0);
	assert_int_equal(loads_fd(loads), -1);
	assert_int_equal(loads_stop(loads, &json, NULL), 0);
	assert_null(json);
}

static void cpu_time_is_that_of_the_group(void **state)
{
	struct scratch *s = *state;

	scratch_file(s, "proc/10/stat",
		"10 (a) b) R 1 10 10 0 -1 4194560 5 0 0 0 100 50 7 3 20 0 1 0 9 0 0");
	scratch_file(s, "proc/11/stat",
		"11 (c) S 10 10 10 0 -1 4194560 5 0 0 0 200 0 0 0 20 0 1 0 9 0 0");
	scratch_file(s, "proc/12/stat",
		"12 (d) S 1 12 12 0 -1 4194560 5 0 0 0 900 0 0 0 20 0 1 0 9 0 0");
	scratch_file(s, "proc/13/stat", "13 (torn");
	scratch_file(s, "proc/uptime", "1 1");
	assert_int_equal(
		(int)(group_cpu_seconds(s->fd, 10) * (double)sysconf(_SC_CLK_TCK) + 0.5), 360);
}

/* --- in the guest ------------------------------------------------------------------------- */

static int guest_says(struct scratch *s, const char *text, json_t **json, struct err *err)
{
	struct experiment inside = experiment;

	names[0] = (char *)"kernel";
	inside.load_place = LOAD_GUEST;
	scratch_file(s, "load-kernel.txt", text);
	return loads_in_guest(&inside, s->fd, json, err);
}

static void a_guests_load_is_believed_when_it_ran(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};
	json_t *json;

	assert_int_equal(
		guest_says(s, "cpu_seconds 1.5\nseconds 2\nstatus running\n", &json, &err), 0);
	json_t *first = json_array_get(json_object_get(json, "loads"), 0);
	assert_true(json_real_value(json_object_get(first, "cpu_seconds")) == 1.5);
	assert_non_null(strstr(json_string_value(json_object_get(first, "argv")),
		"stress-ng --timeout 0 --temp-path /tmp --fork 2"));
	json_decref(json);
	assert_int_equal(
		guest_says(s, "cpu_seconds 1.5\nseconds 2\nstatus ended\n", &json, &err), -EIO);
	assert_non_null(strstr(err.text, "ended before the measurement was over"));
	json_decref(json);
	assert_int_equal(
		guest_says(s, "cpu_seconds 0.01\nseconds 2\nstatus running\n", &json, &err), -EIO);
	assert_non_null(strstr(err.text, "which is no load"));
	json_decref(json);
	assert_int_equal(guest_says(s, "cpu_seconds nan\nseconds 2\nstatus running\n", &json, &err),
		-EBADMSG);
	json_decref(json);
	assert_int_equal(guest_says(s, "", &json, &err), -EBADMSG);
	json_decref(json);
}

static void a_neighbours_load_has_to_use_the_cpu(void **state)
{
	struct experiment neighbours = {.load = names, .vcpus = 1};
	struct err err = {""};
	json_t *json, *used = json_pack("[{s:s, s:f, s:f}, {s:s, s:f, s:f}]", "name", "neighbour-1",
			      "cpu_seconds", 2.126, "seconds", 4.0, "name", "neighbour-2",
			      "cpu_seconds", 0.039, "seconds", 4.0);

	(void)state;
	names[0] = (char *)"hackbench";
	assert_int_equal(loads_in_neighbours(&neighbours, used, &json, &err), -EIO);
	assert_string_equal(err.text, "load of neighbour-2 used 0.04 s of CPU time in 4.0 s of "
				      "measuring, which is no load");
	json_t *guests = json_object_get(json, "guests");
	assert_int_equal(json_array_size(guests), 2);
	assert_true(
		json_real_value(json_object_get(json_array_get(guests, 0), "cpu_seconds")) == 2.13);
	assert_int_equal(json_array_size(json_object_get(json, "loads")), 1);
	json_decref(json);
	json_array_remove(used, 1);
	assert_int_equal(loads_in_neighbours(&neighbours, used, &json, &err), 0);
	json_decref(json);
	json_decref(used);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(every_name_is_a_load),
		scratch_test(a_command_is_exact),
		scratch_test(a_guest_is_told_what_to_run),
		scratch_test(programs_that_are_missing_are_named),
		scratch_test(a_load_runs_and_proves_it),
		scratch_test(a_load_that_cannot_run_is_told_with_its_words),
		scratch_test(a_load_that_dies_ends_the_measurement),
		scratch_test(a_load_that_does_nothing_is_none),
		scratch_test(without_loads_nothing_is_told),
		scratch_test(cpu_time_is_that_of_the_group),
		scratch_test(a_guests_load_is_believed_when_it_ran),
		scratch_test(a_neighbours_load_has_to_use_the_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: MIT */
/* Guests beside the measured one, played by shells. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <string.h>

#include "guests/neighbours.h"

/* What a neighbour does; how long the measured guest runs, and whether it did. */
static const char *script;
static int run_ms = 100;
static bool ran;

static int start(
	void *ctx, const struct guest *guest, int output_fd, struct spawned *ret, struct err *err)
{
	const char *const argv[] = {
		"sh", "-c", talloc_asprintf(ctx, "nonce=%s; %s", guest->nonce, script), NULL};
	struct spawn_options options = spawn_options(argv);

	options.output_fd = output_fd;
	assert_non_null(strstr(guest->cmdline, "latcampaign.role=neighbour"));
	assert_non_null(strstr(
		guest->cmdline, talloc_asprintf(ctx, "latcampaign.nonce=%s ", guest->nonce)));
	return spawn_start(&options, ret, err);
}

/* A measurement that ends by itself, or when something beside it does. */
static int run(const struct guest *guest, int beside_fd, json_t **ret_found, json_t **ret_shape,
	struct err *err)
{
	struct pollfd beside = {.fd = beside_fd, .events = POLLIN};

	ran = true;
	if (poll(&beside, 1, run_ms) != 0)
		return err_set(err, -EIO, "left alone");
	*ret_found = json_object();
	*ret_shape = json_pack("{s:i, s:s}", "vcpus", guest->experiment->vcpus, "machine", "q35");
	return 0;
}

/* Each look finds three seconds more. */
static double used;

static int cpu_seconds(
	const struct guest *guest, const struct spawned *spawned, double *ret, struct err *err)
{
	assert_true(spawned->pid > 0);
	if (used < 0)
		return err_set(err, -EIO, "%s cannot be asked", guest->name);
	*ret = used += 3;
	return 0;
}

static const struct guest_operations operations = {PLACE_KVM, start, run, cpu_seconds};

static char *no_words[] = {NULL};
static char *one_load[] = {(char *)"hackbench", NULL};
static enum load_place load_place = LOAD_HOST;

static int measure(
	struct scratch *s, int neighbours, int beside_fd, json_t **found, struct err *err)
{
	struct experiment experiment = {.vcpus = 1,
		.load = load_place == LOAD_NEIGHBOUR ? one_load : no_words,
		.load_place = load_place,
		.shape = {.vcpu_cpus = no_words,
			.emulator_cpus = (char *)"",
			.machine = (char *)"q35",
			.pool_cpus = (char *)"",
			.neighbours = neighbours}};
	struct plan plan = {.experiments = &experiment, .limits = {.guest_seconds = 2}};
	struct measurement measurement = {.plan = &plan,
		.root = -1,
		.directory = s->fd,
		.cancel_fd = -1,
		.beside_fd = beside_fd};
	struct guest guest = {.measurement = &measurement,
		.experiment = &experiment,
		.name = "guest",
		.console = "ttyS0",
		.directory = s->path};

	ran = false;
	return neighbours_measure(&guest, &operations, found, err);
}

static void neighbours_are_ready_before_and_there_after(void **state)
{
	struct scratch *s = *state;
	json_t *found = NULL;
	struct err err = {""};

	script = "sleep 0.2; echo booting; sleep 0.2; echo latcampaign-ready $nonce; exec sleep 60";
	if (measure(s, 2, -1, &found, &err) < 0)
		fail_msg("%s", err.text);
	json_t *shape = json_object_get(found, "shape");
	for (int i = 0; i < 2; i++) {
		json_t *side = json_object_get(shape, i == 0 ? "asked" : "found");
		assert_int_equal(json_integer_value(json_object_get(side, "neighbours")), 2);
	}
	json_decref(found);
	assert_true(file_exists(s->fd, "neighbour-1.txt"));
	assert_true(file_exists(s->fd, "neighbour-2.txt"));
	found = NULL;
	assert_int_equal(measure(s, 0, -1, &found, NULL), 0);
	assert_int_equal(
		json_integer_value(json_object_get(
			json_object_get(json_object_get(found, "shape"), "found"), "neighbours")),
		0);
	json_decref(found);
}

static void neighbours_with_load_tell_their_cpu_time(void **state)
{
	struct scratch *s = *state;
	json_t *found = NULL, *one;
	size_t i;
	struct err err = {""};

	script = "echo latcampaign-ready $nonce; exec sleep 60";
	load_place = LOAD_NEIGHBOUR;
	assert_int_equal(measure(s, 2, -1, &found, &err), 0);
	assert_int_equal(json_array_size(json_object_get(found, "neighbours")), 2);
	json_array_foreach(json_object_get(found, "neighbours"), i, one)
	{
		assert_string_equal(json_string_value(json_object_get(one, "name")),
			i == 0 ? "neighbour-1" : "neighbour-2");
		/* Two looks later. */
		assert_int_equal(json_real_value(json_object_get(one, "cpu_seconds")), 6);
		assert_true(json_real_value(json_object_get(one, "seconds")) >= 0.1);
	}
	json_decref(found);
	found = NULL;
	used = -1;
	assert_int_equal(measure(s, 1, -1, &found, &err), -EIO);
	assert_string_equal(err.text, "neighbour-1 cannot be asked");
	assert_false(ran);
	assert_null(found);
	load_place = LOAD_HOST;
}

static void a_neighbour_that_ends_ends_the_measurement(void **state)
{
	struct scratch *s = *state;
	json_t *found = NULL;
	struct err err = {""};

	script = "echo latcampaign-ready $nonce; sleep 1; exit 1";
	run_ms = 60000;
	assert_int_equal(measure(s, 1, -1, &found, &err), -EIO);
	run_ms = 100;
	assert_string_equal(err.text, "neighbour-1 ended before the measurement did; "
				      "neighbour-1.txt shows its console");
	assert_true(ran);
	assert_null(found);
}

static void nothing_is_measured_without_them(void **state)
{
	struct scratch *s = *state;
	json_t *found = NULL;
	struct err err = {""};

	/* Another's nonce counts for nothing. */
	script = "echo latcampaign-ready 0123456789abcdef; exec sleep 60";
	assert_int_equal(measure(s, 1, -1, &found, &err), -ETIMEDOUT);
	assert_string_equal(
		err.text, "neighbour-1 was not ready in time; neighbour-1.txt shows its console");
	script = "echo no such kernel; exit 1";
	assert_int_equal(measure(s, 1, -1, &found, &err), -EIO);
	assert_non_null(strstr(err.text, "neighbour-1 ended before it was ready"));
	assert_false(ran);
}

static void a_load_on_the_host_that_ends_is_noticed_too(void **state)
{
	struct scratch *s = *state;
	json_t *found = NULL;
	struct err err = {""};
	int beside[2];

	assert_int_equal(pipe(beside), 0);
	assert_int_equal(write(beside[1], "x", 1), 1);
	assert_int_equal(measure(s, 0, beside[0], &found, &err), -EIO);
	assert_string_equal(err.text, "left alone");
	close(beside[0]);
	close(beside[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(neighbours_are_ready_before_and_there_after),
		scratch_test(neighbours_with_load_tell_their_cpu_time),
		scratch_test(a_neighbour_that_ends_ends_the_measurement),
		scratch_test(nothing_is_measured_without_them),
		scratch_test(a_load_on_the_host_that_ends_is_noticed_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

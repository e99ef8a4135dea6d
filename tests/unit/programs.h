/* SPDX-License-Identifier: MIT */
/*
 * Programs that are listened to instead of run: a test says which calls have to come, in their
 * order, and what each prints. It is linked with --wrap=spawn_run.
 */
#ifndef TESTS_UNIT_PROGRAMS_H
#define TESTS_UNIT_PROGRAMS_H

#include "tests/unit/unit.h"

#include "base/spawn.h"

struct call {
	const char *argv;   /* the whole command line, blanks between */
	const char *output; /* NULL: none */
	int code;           /* its exit status */
};

static const struct call *expected_calls; /* the next one; ends with a NULL argv */

#define expect(...) (expected_calls = (const struct call[]){__VA_ARGS__, {NULL, NULL, 0}})
#define expect_no_more() assert_null(expected_calls->argv)

int __wrap_spawn_run(
	const struct spawn_options *options, struct spawn_result *ret, struct err *err);

int __wrap_spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	char line[2048] = "";
	const char *output = expected_calls->output;

	(void)err;
	for (unsigned i = 0; options->argv[i]; i++) {
		size_t length = strlen(line);
		snprintf(line + length, sizeof(line) - length, "%s%s", i ? " " : "",
			options->argv[i]);
	}
	if (!expected_calls->argv)
		fail_msg("nobody expected the call of %s", line);
	assert_string_equal(line, expected_calls->argv);
	assert_true(options->timeout_seconds > 0);
	if (output)
		assert_true(write(options->output_fd, output, strlen(output)) > 0);
	*ret = (struct spawn_result){SPAWN_EXITED, expected_calls->code};
	expected_calls++;
	return 0;
}

#endif

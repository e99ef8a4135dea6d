/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include "statemachine/progress.h"

/* What a person sees of a kernel's build and what follows it. */
static const char *shown(struct scratch *s, bool terminal)
{
	struct progress progress = {.terminal = terminal};
	int stdout_fd = dup(STDOUT_FILENO), file = openat(s->fd, "shown", O_WRONLY | O_CREAT, 0644);
	char *text = NULL;

	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	progress_tell(&progress, 1, 2, "kernel rt: compiling", 0, 0);
	progress_tell(&progress, 1, 2, "kernel rt: compiling", 1, 2);
	progress_tell(&progress, 1, 2, "kernel rt: packing", 0, 0);
	progress_tell(&progress, 0, 0, "a word aside", 0, 0);
	progress_tell(&progress, 2, 2, "the end", 0, 0);
	progress_end(&progress);
	fflush(stdout);
	dup2(stdout_fd, STDOUT_FILENO);
	close(stdout_fd);
	close(file);
	assert_int_equal(file_read(s->ctx, s->fd, "shown", 4096, &text, NULL, NULL), 0);
	return text;
}

static void a_file_gets_a_line_for_whatever_is_new(void **state)
{
	assert_string_equal(shown(*state, false),
		"[1/2] kernel rt: compiling\n[1/2] kernel rt: packing\na word aside\n[2/2] the end\n");
}

static void a_terminal_gets_a_bar(void **state)
{
	const char *text = shown(*state, true);

	assert_non_null(
		strstr(text, "\r\033[K[#####               ] 1/2 kernel rt: compiling (50 %)"));
	assert_non_null(strstr(text, "\na word aside\n"));
	assert_string_equal(text + strlen(text) - 12, "2/2 the end\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(a_file_gets_a_line_for_whatever_is_new),
		scratch_test(a_terminal_gets_a_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

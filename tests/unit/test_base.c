/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/spawn.h"

static void replaces_a_file_and_leaves_nothing_beside_it(void **state)
{
	struct scratch *s = *state;
	char *text, **names;

	scratch_file(s, "a", "old");
	assert_int_equal(file_replace(s->fd, "a", "new", 3, 0640, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "a", 100, &text, NULL, NULL), 0);
	assert_string_equal(text, "new");
	assert_int_equal(directory_list(s->ctx, s->fd, ".", &names, NULL), 0);
	assert_string_equal(names[0], "a");
	assert_null(names[1]);
}

static void does_not_write_through_a_link(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};

	scratch_file(s, "victim", "safe");
	assert_int_equal(symlinkat("victim", s->fd, "a.new"), 0);
	assert_true(file_replace(s->fd, "a", "evil", 4, 0644, &err) < 0);
	assert_non_null(strstr(err.text, "a.new: cannot be written"));
}

static void refuses_a_file_that_is_too_large(void **state)
{
	struct scratch *s = *state;
	char *text = NULL;

	scratch_file(s, "a", "123456");
	assert_int_equal(file_read(s->ctx, s->fd, "a", 5, &text, NULL, NULL), -EFBIG);
	assert_null(text);
	assert_int_equal(file_read(s->ctx, s->fd, "a", 6, &text, NULL, NULL), 0);
}

static void reads_files_of_any_size_and_tells_it(void **state)
{
	struct scratch *s = *state;
	enum { SIZE = 300000 };
	char *text, *bytes = talloc_size(s->ctx, SIZE);
	size_t size;

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)(i * 7 + i / 251);
	assert_int_equal(file_write(s->fd, "large", bytes, SIZE, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "large", SIZE, &text, &size, NULL), 0);
	assert_int_equal(size, SIZE);
	assert_memory_equal(text, bytes, SIZE);
	assert_int_equal(text[SIZE], 0);
}

static void says_which_file_it_cannot_open_read_or_make(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};
	char *text;

	assert_int_equal(file_read(s->ctx, s->fd, "gone", 9, &text, NULL, &err), -ENOENT);
	assert_string_equal(err.text, "gone: cannot be opened: No such file or directory");
	assert_int_equal(file_read(s->ctx, s->fd, ".", 9, &text, NULL, &err), -EISDIR);
	assert_string_equal(err.text, ".: cannot be read: Is a directory");
	assert_int_equal(file_write(s->fd, "no/where", "x", 1, &err), -ENOENT);
	assert_string_equal(err.text, "no/where: cannot be written: No such file or directory");
	assert_int_equal(file_write(AT_FDCWD, "/dev/full", "x", 1, &err), -ENOSPC);
	assert_int_equal(file_read_line(s->ctx, s->fd, "gone", &text, &err), -ENOENT);
	assert_int_equal(file_remove(s->fd, "gone", NULL), 0);
}

static void reads_a_line_without_its_end(void **state)
{
	struct scratch *s = *state;
	char *line;

	scratch_file(s, "line", "a b \t\r\n\n");
	assert_int_equal(file_read_line(s->ctx, s->fd, "line", &line, NULL), 0);
	assert_string_equal(line, "a b");
	scratch_file(s, "empty", "\n");
	assert_int_equal(file_read_line(s->ctx, s->fd, "empty", &line, NULL), 0);
	assert_string_equal(line, "");
}

static void gives_a_replaced_file_its_mode_whatever_the_umask(void **state)
{
	struct scratch *s = *state;
	struct stat st;
	mode_t before = umask(077);

	assert_int_equal(file_replace(s->fd, "a", "x", 1, 0644, NULL), 0);
	umask(before);
	assert_int_equal(fstatat(s->fd, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void leaks_no_descriptors(void **state)
{
	struct scratch *s = *state;
	char *text;

	scratch_file(s, "a", "x");
	int before = dup(s->fd);
	close(before);
	assert_int_equal(file_replace(s->fd, "a", "y", 1, 0644, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "a", 9, &text, NULL, NULL), 0);
	assert_true(file_read(s->ctx, s->fd, "gone", 9, &text, NULL, NULL) < 0);
	int after = dup(s->fd);
	close(after);
	assert_int_equal(after, before);
}

static void removes_a_tree_without_following_links(void **state)
{
	struct scratch *s = *state;

	scratch_file(s, "outside/kept", "x");
	scratch_file(s, "tree/deep/file", "x");
	assert_int_equal(symlinkat("../outside", s->fd, "tree/link"), 0);
	assert_int_equal(directory_remove(s->fd, "tree", NULL), 0);
	assert_false(file_exists(s->fd, "tree"));
	assert_true(file_exists(s->fd, "outside/kept"));
	assert_int_equal(directory_remove(s->fd, "tree", NULL), 0);
}

static void digests_as_sha256sum_does(void **state)
{
	struct scratch *s = *state;
	char hex[DIGEST_HEX + 1];

	/* FIPS 180-4's example "abc". */
	scratch_file(s, "a", "abc");
	assert_int_equal(digest_file(s->fd, "a", hex, NULL), 0);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static struct spawn_result spawn(const char *const *argv, int timeout, int output, size_t limit)
{
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;

	options.output_fd = output;
	options.timeout_seconds = timeout;
	options.output_limit = limit;
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	return result;
}

static void tells_how_a_program_ended(void **state)
{
	const char *const three[] = {"sh", "-c", "exit 3", NULL};
	const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
	const char *const slow[] = {"sleep", "100", NULL};
	const char *const none[] = {"/nowhere/at/all", NULL};

	(void)state;
	struct spawn_result r = spawn(three, 10, -1, 0);
	assert_int_equal(r.how, SPAWN_EXITED);
	assert_int_equal(r.code, 3);
	r = spawn(killed, 10, -1, 0);
	assert_int_equal(r.how, SPAWN_SIGNALLED);
	assert_int_equal(r.code, SIGKILL);
	assert_int_equal(spawn(slow, 1, -1, 0).how, SPAWN_TIMED_OUT);
	r = spawn(none, 10, -1, 0);
	assert_int_equal(r.how, SPAWN_NOT_STARTED);
	assert_int_equal(r.code, ENOENT);
}

static void bounds_the_output(void **state)
{
	struct scratch *s = *state;
	const char *const flood[] = {"cat", "/dev/zero", NULL};
	int fd = openat(s->fd, "out", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	struct stat st;

	assert_int_equal(spawn(flood, 30, fd, 4096).how, SPAWN_TOO_MUCH);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_size, 4096);
	close(fd);
}

static void cancels_and_kills_the_whole_group(void **state)
{
	const char *const argv[] = {"sh", "-c", "sleep 100 & wait", NULL};
	int cancel[2];

	(void)state;
	assert_int_equal(pipe(cancel), 0);
	assert_int_equal(write(cancel[1], "x", 1), 1);
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;
	options.timeout_seconds = 30;
	options.cancel_fd = cancel[0];
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_CANCELLED);
	close(cancel[0]);
	close(cancel[1]);
}

/* A descriptor that nobody set is none: 0 would be stdin. */
static void options_begin_without_descriptors(void **state)
{
	const char *const argv[] = {"true", NULL};
	const struct spawn_options options = spawn_options(argv);

	(void)state;
	assert_ptr_equal(options.argv, argv);
	assert_true(options.output_fd == -1 && options.keep_fd == -1 && options.directory == -1);
	assert_true(options.cancel_fd == -1 && options.beside_fd == -1);
}

/* What it prints is bounded, what it writes is not. */
static void a_program_writes_large_files_of_its_own(void **state)
{
	struct scratch *s = *state;
	const char *const writes[] = {"sh", "-c", "head -c 3000000 /dev/zero >large", NULL};
	const char *const floods[] = {"cat", "/dev/zero", NULL};
	struct err err = {""};
	struct stat st;

	assert_int_equal(spawn_in(s->fd, writes, 10, &err), 0);
	assert_int_equal(fstatat(s->fd, "large", &st, 0), 0);
	assert_int_equal(st.st_size, 3000000);
	assert_int_equal(spawn_in(s->fd, floods, 10, &err), -EIO);
	assert_non_null(strstr(err.text, "cat /dev/zero: exited with status 1"));
	const char *const daemon[] = {"sh", "-c",
		talloc_asprintf(s->ctx, "head -c 3000000 /dev/zero >%s/daemon", s->path), NULL};
	assert_int_equal(spawn_daemon(daemon, 10, &err), 0);
}

static bool asked;

static bool begun(void *argument)
{
	asked = true;
	return *(bool *)argument;
}

static void ends_what_does_not_begin(void **state)
{
	const char *const argv[] = {"sleep", "60", NULL};
	bool answer = false;
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;

	(void)state;
	options.timeout_seconds = 2;
	options.has_begun = begun;
	options.argument = &answer;
	options.begin_seconds = 1;
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_NOT_BEGUN);
	assert_true(asked);
	asked = false;
	answer = true;
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_TIMED_OUT);
	assert_true(asked);
}

static int look_at_it(void *argument, pid_t pid, struct err *err)
{
	assert_int_equal(kill(pid, 0), 0);
	return *(bool *)argument ? 0 : err_set(err, -EPERM, "not with me");
}

static void what_is_done_first_can_refuse_the_program(void **state)
{
	const char *const argv[] = {"sleep", "60", NULL};
	bool agrees = false;
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;
	struct err err = {""};

	(void)state;
	options.timeout_seconds = 1;
	options.started = look_at_it;
	options.argument = &agrees;
	assert_int_equal(spawn_run(&options, &result, &err), -EPERM);
	assert_string_equal(err.text, "not with me");
	agrees = true;
	assert_int_equal(spawn_run(&options, &result, &err), 0);
	assert_int_equal(result.how, SPAWN_TIMED_OUT);
}

static void a_descriptor_is_kept_when_asked(void **state)
{
	struct scratch *s = *state;
	int fd = openat(s->fd, "kept", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	const char *const argv[] = {
		"sh", "-c", talloc_asprintf(s->ctx, "echo word >/proc/self/fd/%d", fd), NULL};
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result;

	options.timeout_seconds = 10;
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_not_equal(result.code, 0);
	options.keep_fd = fd;
	assert_int_equal(spawn_run(&options, &result, NULL), 0);
	assert_int_equal(result.code, 0);
	close(fd);
}

static void a_program_runs_beside_us_until_it_is_stopped(void **state)
{
	const char *const slow[] = {"sleep", "60", NULL};
	const char *const quick[] = {"sh", "-c", "exit 3", NULL};
	const char *const none[] = {"/nowhere/at/all", NULL};
	struct spawn_options options = spawn_options(slow);
	struct spawn_result result;
	struct spawned spawned;

	(void)state;
	assert_int_equal(spawn_start(&options, &spawned, NULL), 0);
	assert_false(spawn_has_ended(&spawned));
	assert_int_equal(spawn_stop(&spawned, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_CANCELLED);
	options.argv = quick;
	assert_int_equal(spawn_start(&options, &spawned, NULL), 0);
	struct pollfd ended = {.fd = spawned.pid_fd, .events = POLLIN};
	assert_int_equal(poll(&ended, 1, 10000), 1);
	assert_true(spawn_has_ended(&spawned));
	assert_int_equal(spawn_stop(&spawned, &result, NULL), 0);
	assert_int_equal(result.how, SPAWN_EXITED);
	assert_int_equal(result.code, 3);
	options.argv = none;
	assert_int_equal(spawn_start(&options, &spawned, NULL), -ENOENT);
}

static void gives_no_end_of_file_on_stdin(void **state)
{
	const char *const argv[] = {"cat", NULL};

	(void)state;
	assert_int_equal(spawn(argv, 1, -1, 0).how, SPAWN_TIMED_OUT);
}

static void names_command_end_and_last_line(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = {"sh", "-c", "echo first; echo last >&2; exit 7", NULL};
	struct err err = {""};

	assert_true(spawn_read(s->ctx, argv, 10, NULL, &err) < 0);
	assert_non_null(strstr(err.text, "exited with status 7: last"));
}

static void passes_a_clean_environment(void **state)
{
	struct scratch *s = *state;
	const char *const argv[] = {"env", NULL};
	char *output;

	setenv("LATCAMPAIGN_SECRET", "1", 1);
	assert_int_equal(spawn_read(s->ctx, argv, 10, &output, NULL), 0);
	assert_null(strstr(output, "SECRET"));
	assert_non_null(strstr(output, "LC_ALL=C"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(replaces_a_file_and_leaves_nothing_beside_it),
		scratch_test(does_not_write_through_a_link),
		scratch_test(refuses_a_file_that_is_too_large),
		scratch_test(reads_files_of_any_size_and_tells_it),
		scratch_test(says_which_file_it_cannot_open_read_or_make),
		scratch_test(reads_a_line_without_its_end),
		scratch_test(gives_a_replaced_file_its_mode_whatever_the_umask),
		scratch_test(leaks_no_descriptors),
		scratch_test(removes_a_tree_without_following_links),
		scratch_test(digests_as_sha256sum_does),
		scratch_test(tells_how_a_program_ended),
		scratch_test(bounds_the_output),
		scratch_test(options_begin_without_descriptors),
		scratch_test(a_program_writes_large_files_of_its_own),
		scratch_test(cancels_and_kills_the_whole_group),
		cmocka_unit_test(ends_what_does_not_begin),
		scratch_test(what_is_done_first_can_refuse_the_program),
		scratch_test(a_descriptor_is_kept_when_asked),
		scratch_test(a_program_runs_beside_us_until_it_is_stopped),
		scratch_test(gives_no_end_of_file_on_stdin),
		scratch_test(names_command_end_and_last_line),
		scratch_test(passes_a_clean_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

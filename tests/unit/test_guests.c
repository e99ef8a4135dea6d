/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/spawn.h"
#include "guests/answer.h"
#include "guests/granted.h"
#include "guests/image.h"
#include "guests/tool.h"

#define NONCE "0123456789abcdef"

/* The answer as the real init.sh sends it: its second half is run here with a measured directory.
 */
static char *real_answer(struct scratch *s)
{
	char *script = talloc_asprintf(s->ctx,
		"cd %s && mkdir answer && echo hist >answer/histogram.txt && echo 0 >answer/status "
		"&& "
		"NONCE=" NONCE " ANSWER=%s/answer && "
		"tar -c -C \"$ANSWER\" . | gzip >/tmp/latcampaign-answer.$$ && "
		"base64 /tmp/latcampaign-answer.$$ >lines && "
		"SUM=$(sha256sum </tmp/latcampaign-answer.$$ | cut -d' ' -f1) && "
		"rm /tmp/latcampaign-answer.$$ && ln -s $PWD/lines /tmp/lines.$$ && "
		"sed -n '/^send_frame()/,/^}/p' %s/guests/init.sh | sed "
		"\"s|/tmp/lines|$PWD/lines|g\" "
		">send && . ./send && send_frame && send_frame; rm -f /tmp/lines.$$",
		s->path, s->path, getcwd(talloc_size(s->ctx, 4096), 4096));
	const char *const argv[] = {"sh", "-c", script, NULL};
	struct err err = {""};
	char *output;

	if (spawn_read(s->ctx, argv, 10, &output, &err) < 0)
		fail_msg("%s", err.text);
	return output;
}

static int find(
	struct scratch *s, const char *console, char **archive, size_t *size, struct err *err)
{
	return answer_find(s->ctx, console, strlen(console), NONCE, archive, size, err);
}

static void an_answer_comes_back_whole(void **state)
{
	struct scratch *s = *state;
	char *archive, *text, *console = real_answer(s);
	size_t size;

	assert_int_equal(find(s, console, &archive, &size, NULL), 0);
	scratch_file(s, "run/keep", "");
	int directory = openat(s->fd, "run", O_RDONLY | O_DIRECTORY);
	assert_int_equal(answer_unpack(directory, archive, size, NULL), 0);
	close(directory);
	assert_int_equal(file_read_line(s->ctx, s->fd, "run/histogram.txt", &text, NULL), 0);
	assert_string_equal(text, "hist");
}

static void kernel_messages_between_lines_do_no_harm(void **state)
{
	struct scratch *s = *state;
	char *noisy = talloc_strdup(s->ctx, "[    0.1] booting\r\n"), *archive, *rest;
	size_t size;

	for (char *line = strtok_r(real_answer(s), "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		noisy = talloc_asprintf_append(
			noisy, "[   12.345] random: crng init done\r\n%s\r\n", line);
	assert_int_equal(find(s, noisy, &archive, &size, NULL), 0);
}

/* One byte changed anywhere in the first frame: the second one is taken, with the same bytes. */
static void a_torn_first_frame_is_replaced_by_the_second(void **state)
{
	struct scratch *s = *state;
	char *console = real_answer(s), *whole, *archive;
	size_t size, whole_size;

	assert_int_equal(find(s, console, &whole, &whole_size, NULL), 0);
	size_t first = (size_t)(strstr(console, "latcampaign-end") - console);
	for (size_t i = 1; i < first; i++) {
		char was = console[i];
		console[i] = '#';
		assert_int_equal(find(s, console, &archive, &size, NULL), 0);
		assert_int_equal(size, whole_size);
		assert_memory_equal(archive, whole, size);
		console[i] = was;
	}
}

static void explains_what_came_instead(void **state)
{
	struct scratch *s = *state;
	char *console = real_answer(s), *archive = NULL;
	struct err err = {""};
	size_t size;

	char *end = strstr(console, "latcampaign-end");
	char *torn = talloc_strndup(s->ctx, console, (size_t)(end - console));
	assert_int_equal(find(s, torn, &archive, &size, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "breaks off after"));
	assert_int_equal(find(s, "login:\n", &archive, &size, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "ended without an answer"));
	assert_int_equal(find(s, "x\n[ 1.0] Kernel panic - not syncing: Attempted to kill init!\n",
				 &archive, &size, &err),
		-EBADMSG);
	assert_non_null(strstr(err.text, "panicked: Kernel panic - not syncing: Attempted"));
	assert_null(archive);
}

/* Whole lines, right numbers, and one character that is another one, in both frames. */
static void an_answer_whose_checksum_is_wrong_is_never_taken(void **state)
{
	struct scratch *s = *state;
	char *archive, *console = real_answer(s);
	struct err err = {""};
	size_t size;
	unsigned changed = 0;

	for (char *line = console; (line = strstr(line, "latcampaign-line " NONCE " 1 "));
		changed++) {
		line += strlen("latcampaign-line " NONCE " 1 ") + 20;
		*line = *line == 'A' ? 'B' : 'A';
	}
	assert_int_equal(changed, 2);
	assert_int_equal(find(s, console, &archive, &size, &err), -EBADMSG);
	assert_non_null(strstr(err.text, "its checksum is wrong"));
}

static void another_guests_answer_is_never_taken(void **state)
{
	struct scratch *s = *state;
	char *archive, *console = real_answer(s);
	size_t size;

	assert_int_equal(answer_find(s->ctx, console, strlen(console), "0123456789abcdee", &archive,
				 &size, NULL),
		-EBADMSG);
	assert_int_equal(answer_find(s->ctx, console, strlen(console), "0123456789abcde", &archive,
				 &size, NULL),
		-EBADMSG);
}

/* A tar with one entry of our choice. */
static int unpack_entry(struct scratch *s, const char *name, unsigned type, const char *target)
{
	char *bytes = talloc_zero_size(s->ctx, 1 << 16);
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	size_t used;

	archive_write_set_format_ustar(archive);
	archive_write_open_memory(archive, bytes, 1 << 16, &used);
	archive_entry_set_pathname(entry, name);
	archive_entry_set_mode(entry, type | 0644);
	archive_entry_set_size(entry, 0);
	if (target)
		archive_entry_set_symlink(entry, target);
	archive_write_header(archive, entry);
	archive_entry_free(entry);
	archive_write_free(archive);
	return answer_unpack(s->fd, bytes, used, NULL);
}

static void an_answer_writes_nowhere_else(void **state)
{
	struct scratch *s = *state;

	assert_int_equal(unpack_entry(s, "fine.txt", S_IFREG, NULL), 0);
	assert_int_equal(unpack_entry(s, "fine.txt", S_IFREG, NULL), -EBADMSG); /* overwrites */
	assert_int_equal(unpack_entry(s, "../evil", S_IFREG, NULL), -EBADMSG);
	assert_int_equal(unpack_entry(s, "/tmp/evil", S_IFREG, NULL), -EBADMSG);
	assert_int_equal(unpack_entry(s, "a/b", S_IFREG, NULL), -EBADMSG);
	assert_int_equal(unpack_entry(s, ".hidden", S_IFREG, NULL), -EBADMSG);
	assert_int_equal(unpack_entry(s, "link", S_IFLNK, "/etc/passwd"), -EBADMSG);
	assert_int_equal(unpack_entry(s, "folder", S_IFDIR, NULL), -EBADMSG);
}

static char *no_loads[] = {NULL};

static struct experiment experiment = {
	.kernel = {.image = (char *)"/boot/vmlinuz-6.1-rt"},
	.guest_type = GUEST_PVH,
	.vcpus = 2,
	.memory_mib = 512,
	.script = (char *)"",
	.load = no_loads,
	.cyclictest = {100, 60, 99, 2, 2000},
};

static bool image_has(struct scratch *s, const char *name)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	bool found = false;
	char *path = talloc_asprintf(s->ctx, "%s/guest.img", s->path);

	archive_read_support_format_cpio(archive);
	archive_read_support_filter_gzip(archive);
	assert_int_equal(archive_read_open_filename(archive, path, 10240), ARCHIVE_OK);
	while (!found && archive_read_next_header(archive, &entry) == ARCHIVE_OK)
		found = strcmp(archive_entry_pathname(entry), name) == 0;
	archive_read_free(archive);
	return found;
}

static void the_image_holds_what_a_guest_needs(void **state)
{
	struct scratch *s = *state;
	int root = open("/", O_PATH | O_DIRECTORY);
	char *first, *second;
	size_t size, again;
	struct err err = {""};

	setenv("LATCAMPAIGN_DATADIR", "tests/unit/data", 1);
	if (image_write(root, s->fd, "guest.img", &experiment, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(image_has(s, "init"));
	assert_true(image_has(s, "measure"));
	assert_true(image_has(s, "bin/busybox"));
	assert_true(image_has(s, "bin/cyclictest"));
	assert_true(image_has(s, "lib64/ld-linux-x86-64.so.2"));
	assert_false(image_has(s, "bin/bash"));
	assert_false(image_has(s, "bin/hackbench"));
	/* The same inputs give the same bytes. */
	assert_int_equal(file_read(s->ctx, s->fd, "guest.img", 1 << 24, &first, &size, NULL), 0);
	assert_int_equal(image_write(root, s->fd, "guest.img", &experiment, NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "guest.img", 1 << 24, &second, &again, NULL), 0);
	assert_int_equal(size, again);
	assert_memory_equal(first, second, size);
	close(root);
}

static void the_image_holds_the_loads_of_guests(void **state)
{
	struct scratch *s = *state;
	int root = open("/", O_PATH | O_DIRECTORY);
	char *loads[] = {(char *)"hackbench", NULL};
	struct experiment loaded = experiment;
	struct err err = {""};

	loaded.load = loads;
	loaded.load_place = LOAD_NEIGHBOUR;
	if (image_write(root, s->fd, "guest.img", &loaded, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(image_has(s, "bin/hackbench"));
	assert_true(image_has(s, "loads/hackbench"));
	loaded.load_place = LOAD_HOST;
	assert_int_equal(image_write(root, s->fd, "guest.img", &loaded, NULL), 0);
	assert_false(image_has(s, "loads/hackbench"));
	close(root);
}

static void tools_get_the_campaigns_options(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(tool_line(s->ctx, &experiment),
		"cyclictest -q -m -h 2000 -i 100 -D 60 -p 99 -t 2 -a");
	assert_string_equal(tool_words(s->ctx, &experiment),
		"latcampaign.tool=cyclictest "
		"latcampaign.options=-q,-m,-h,2000,-i,100,-D,60,-p,99,-t,2,-a");
	experiment.tool = TOOL_TIMERLAT;
	assert_string_equal(tool_line(s->ctx, &experiment),
		"rtla timerlat hist -p 100 -d 60s -P f:99 -c 0-1 -E 2000 -b 1 --with-zeros "
		"--dma-latency 0");
	experiment.tool = TOOL_CYCLICTEST;
}

/* --- priorities ---------------------------------------------------------------------------- */

/* Runs the real cyclictest with that priority, and looks at its threads as if `asked` was asked. It
 * outlives the looks, also on a busy machine: at its end its threads put their priority back. */
static int granted(int priority, int asked, json_t **threads, struct err *err)
{
	struct experiment wanted = {.tool = TOOL_CYCLICTEST, .cyclictest = {1000, 5, asked, 2, 10}};
	struct experiment real = {.cyclictest = {1000, 600, priority, 2, 10}};
	void *ctx = talloc_new(NULL);
	struct spawn_options options = spawn_options(tool_argv(ctx, &real));
	struct spawn_result result;
	struct spawned spawned;

	assert_int_equal(spawn_start(&options, &spawned, NULL), 0);
	int r = granted_on_host(&wanted, spawned.pid, threads, err);
	assert_int_equal(spawn_stop(&spawned, &result, NULL), 0);
	talloc_free(ctx);
	return r;
}

static void a_priority_is_read_back(void **state)
{
	struct err err = {""};
	json_t *threads;

	(void)state;
	if (granted(40, 40, &threads, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(json_array_size(threads), 2);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(threads, 0), "policy")), "fifo");
	json_decref(threads);
	assert_int_equal(granted(0, 0, &threads, &err), 0);
	json_decref(threads);
}

/* What a kernel without RT bandwidth for the group, or a wrapper, may do to cyclictest. */
static void a_priority_that_was_not_granted_is_an_error(void **state)
{
	struct err err = {""};
	json_t *threads;

	(void)state;
	assert_int_equal(granted(0, 40, &threads, &err), -EPERM);
	assert_non_null(strstr(err.text, "policy other, priority 0, asked was priority 40"));
	json_decref(threads);
	assert_int_equal(granted(39, 40, &threads, &err), -EPERM);
	assert_non_null(strstr(err.text, "policy fifo, priority 39"));
	json_decref(threads);
}

static int guests_threads(struct scratch *s, const char *text, const char *script, struct err *err)
{
	struct experiment wanted = {
		.script = (char *)(uintptr_t)script, .cyclictest = {1000, 5, 80, 2, 10}};
	json_t *found = json_object();

	scratch_file(s, "threads.txt", text);
	int r = granted_in_guest(&wanted, s->fd, found, err);
	assert_true(json_is_array(json_object_get(found, "threads")));
	json_decref(found);
	return r;
}

static void a_guests_priorities_are_read_back(void **state)
{
	struct scratch *s = *state;
	struct err err = {""};

	assert_int_equal(guests_threads(s, "1 80\n1 80\n", "", &err), 0);
	assert_int_equal(guests_threads(s, "1 80\n0 0\n", "", &err), -EPERM);
	assert_non_null(strstr(err.text, "policy other, priority 0, asked was priority 80"));
	assert_int_equal(guests_threads(s, "1 80\n", "", &err), -EIO);
	assert_non_null(strstr(err.text, "1 threads were seen to measure, asked were 2"));
	/* A script of the campaign's may measure with something else. */
	assert_int_equal(guests_threads(s, "", "/own.sh", &err), 0);
	assert_int_equal(guests_threads(s, "1 79\n", "/own.sh", &err), -EPERM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(an_answer_comes_back_whole),
		scratch_test(kernel_messages_between_lines_do_no_harm),
		scratch_test(a_torn_first_frame_is_replaced_by_the_second),
		scratch_test(explains_what_came_instead),
		scratch_test(an_answer_whose_checksum_is_wrong_is_never_taken),
		scratch_test(another_guests_answer_is_never_taken),
		scratch_test(an_answer_writes_nowhere_else),
		scratch_test(the_image_holds_what_a_guest_needs),
		scratch_test(the_image_holds_the_loads_of_guests),
		scratch_test(tools_get_the_campaigns_options),
		cmocka_unit_test(a_priority_is_read_back),
		cmocka_unit_test(a_priority_that_was_not_granted_is_an_error),
		scratch_test(a_guests_priorities_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

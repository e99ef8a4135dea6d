/* SPDX-License-Identifier: MIT */
#include "tests/unit/unit.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#include "base/spawn.h"
#include "guests/answer.h"
#include "guests/image.h"
#include "guests/kvm.h"
#include "guests/xen.h"

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
	if (image_write(root, s->fd, "guest.img", "", &err) < 0)
		fail_msg("%s", err.text);
	assert_true(image_has(s, "init"));
	assert_true(image_has(s, "measure"));
	assert_true(image_has(s, "bin/busybox"));
	assert_true(image_has(s, "bin/cyclictest"));
	assert_true(image_has(s, "lib64/ld-linux-x86-64.so.2"));
	assert_false(image_has(s, "bin/bash"));
	/* The same inputs give the same bytes. */
	assert_int_equal(file_read(s->ctx, s->fd, "guest.img", 1 << 24, &first, &size, NULL), 0);
	assert_int_equal(image_write(root, s->fd, "guest.img", "", NULL), 0);
	assert_int_equal(file_read(s->ctx, s->fd, "guest.img", 1 << 24, &second, &again, NULL), 0);
	assert_int_equal(size, again);
	assert_memory_equal(first, second, size);
	close(root);
}

static struct experiment experiment = {
	.kernel = {.image = (char *)"/boot/vmlinuz-6.1-rt"},
	.guest_type = GUEST_PVH,
	.vcpus = 2,
	.memory_mib = 512,
	.cyclictest = {100, 60, 99, 2, 2000},
};

static struct guest make_guest(void)
{
	return (struct guest){.experiment = &experiment,
		.cmdline = (char *)"console=hvc0 quiet",
		.directory = (char *)"/run",
		.image = (char *)"/run/guest.img"};
}

static void cyclictest_gets_the_campaigns_options(void **state)
{
	struct scratch *s = *state;

	assert_string_equal(guest_cyclictest(s->ctx, &experiment.cyclictest, ' '),
		"-q -m -h 2000 -i 100 -D 60 -p 99 -t 2 -a");
}

static void qemu_is_asked_for_kvm_and_nothing_else(void **state)
{
	struct scratch *s = *state;
	struct guest guest = make_guest();
	static const char *const expected[] = {"qemu-system-x86_64", "-name", "latcampaign-guest",
		"-machine", "q35,accel=kvm", "-cpu", "host", "-smp", "2", "-m", "512M",
		"-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-serial",
		"stdio", "-kernel", "/boot/vmlinuz-6.1-rt", "-initrd", "/run/guest.img", "-append",
		"console=hvc0 quiet"};
	const char **argv = kvm_argv(s->ctx, &guest);

	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		assert_string_equal(argv[i], expected[i]);
	assert_null(argv[sizeof(expected) / sizeof(*expected)]);
}

static void xl_gets_a_domain_that_ends_for_good(void **state)
{
	struct scratch *s = *state;
	struct guest guest = make_guest();
	const char *common = "name = \"latcampaign-guest\"\ntype = \"pvh\"\n"
			     "kernel = \"/boot/vmlinuz-6.1-rt\"\nramdisk = \"/run/guest.img\"\n"
			     "cmdline = \"console=hvc0 quiet\"\nmemory = 512\nvcpus = 2\n"
			     "on_poweroff = \"destroy\"\non_reboot = \"destroy\"\n"
			     "on_crash = \"destroy\"\n";

	assert_string_equal(xen_config(s->ctx, &guest), common);
	experiment.hap = TOGGLE_OFF;
	assert_string_equal(
		xen_config(s->ctx, &guest), talloc_asprintf(s->ctx, "%shap = 0\n", common));
	experiment.hap = TOGGLE_DEFAULT;
	experiment.guest_type = GUEST_HVM;
	assert_non_null(strstr(xen_config(s->ctx, &guest), "serial = \"pty\""));
	experiment.guest_type = GUEST_PVH;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(an_answer_comes_back_whole),
		scratch_test(kernel_messages_between_lines_do_no_harm),
		scratch_test(a_torn_first_frame_is_replaced_by_the_second),
		scratch_test(explains_what_came_instead),
		scratch_test(another_guests_answer_is_never_taken),
		scratch_test(an_answer_writes_nowhere_else),
		scratch_test(the_image_holds_what_a_guest_needs),
		scratch_test(cyclictest_gets_the_campaigns_options),
		scratch_test(qemu_is_asked_for_kvm_and_nothing_else),
		scratch_test(xl_gets_a_domain_that_ends_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

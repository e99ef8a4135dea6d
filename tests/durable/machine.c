/* SPDX-License-Identifier: MIT */
#include "tests/durable/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "base/spawn.h"
#include "tests/durable/faults.h"
#include "tests/durable/platter.h"

#define HOME_CMDLINE "BOOT_IMAGE=/boot/vmlinuz-" MACHINE_NRT " root=UUID=1-2-3 ro"

static char path[64];
static int dir = -1;

int __real_spawn_run(
	const struct spawn_options *options, struct spawn_result *ret, struct err *err);

_Noreturn void machine_broken(const char *what)
{
	fprintf(stderr, "the test's machine: %s: %s\n", what, strerror(errno));
	abort();
}

static void put(const char *name, const char *text)
{
	char *folder = strdup(name), *slash = strrchr(folder, '/');

	*slash = '\0';
	machine_must(directory_make(dir, folder, NULL) == 0, folder);
	machine_must(file_write(dir, name, text, strlen(text), NULL) == 0, name);
	free(folder);
}

/* --- making it ---------------------------------------------------------------------------- */

/* A bzImage as far as its header goes. */
static void put_kernel(const char *release, bool rt)
{
	char bytes[0x300] = {0}, name[64];

	memcpy(bytes + 0x202, "HdrS", 5);
	bytes[0x20e] = 0x40;
	snprintf(bytes + 0x240, 0x80, "%s (root@x) #1 SMP", release);
	snprintf(name, sizeof(name), "boot/vmlinuz-%s", release);
	machine_must(file_write(dir, name, bytes, sizeof(bytes), NULL) == 0, name);
	snprintf(name, sizeof(name), "boot/initrd.img-%s", release);
	put(name, "initrd");
	snprintf(name, sizeof(name), "boot/config-%s", release);
	put(name, rt ? "CONFIG_PREEMPT_RT=y\n" : "# CONFIG_PREEMPT_RT is not set\n");
}

static void editenv(const char *operation, const char *argument)
{
	char block[96];
	const char *const argv[] = {"grub-editenv", block, operation, argument, NULL};
	struct spawn_options options = spawn_options(argv);
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};

	options.timeout_seconds = 20;
	snprintf(block, sizeof(block), "%s/boot/grub/grubenv", path);
	machine_must(__real_spawn_run(&options, &result, NULL) == 0 && result.how == SPAWN_EXITED &&
			     result.code == 0,
		"grub-editenv");
}

static void set_boot(const char *cmdline, const char *release)
{
	static unsigned boots;
	char boot_id[32], uptime[32];

	snprintf(boot_id, sizeof(boot_id), "boot-%u\n", ++boots);
	put("proc/cmdline", cmdline);
	put("proc/sys/kernel/osrelease", release);
	snprintf(uptime, sizeof(uptime), "%d.00 100.00\n", MACHINE_UPTIME);
	put("proc/uptime", uptime);
	put("proc/sys/kernel/random/boot_id", boot_id);
	put("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	put("sys/kernel/realtime", strcmp(release, MACHINE_RT) == 0 ? "1\n" : "0\n");
	faults->full = false;
}

const char *machine_make(bool cuts)
{
	/* In memory where that is possible: a thousand campaigns sync very often. */
	snprintf(path, sizeof(path), "%s/latcampaign-durable-XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	machine_must(mkdtemp(path) != NULL, path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put("boot/grub/grub.cfg", "set default=\"${next_entry}\"\n"
				  "source ${config_directory}/latcampaign.cfg\n");
	put_kernel(MACHINE_NRT, false);
	put_kernel(MACHINE_RT, true);
	put("run/systemd/system/x", "");
	put("usr/bin/gnuplot", "");
	put("usr/bin/cyclictest", "");
	put("var/lib/x", "");
	editenv("create", NULL);
	set_boot(HOME_CMDLINE, MACHINE_NRT);
	if (cuts)
		platter_make(path);
	return path;
}

void machine_remove(void)
{
	close_fd(&dir);
	directory_remove(AT_FDCWD, path, NULL);
	platter_remove();
}

/* --- booting ------------------------------------------------------------------------------ */

/* The entry that the one-shot names: its command line; NULL when there is none, as GRUB sees it,
 * which clears the one-shot before it looks for the entry. */
static char *take_one_shot(void *ctx)
{
	char *block, *entries;

	machine_must(
		file_read(ctx, dir, "boot/grub/grubenv", 4096, &block, NULL, NULL) == 0, "grubenv");
	char *id = strstr(block, "next_entry=");
	if (!id)
		return NULL;
	editenv("unset", "next_entry");
	if (file_read(ctx, dir, "boot/grub/latcampaign.cfg", 65536, &entries, NULL, NULL) < 0)
		return NULL;
	id += strlen("next_entry=");
	id[strcspn(id, "\n")] = '\0';
	char *words = talloc_asprintf(ctx, "--id %s ", id), *linux = strstr(entries, "linux /boot");
	if (!*id || !strstr(entries, words) || !linux)
		return NULL;
	linux[strcspn(linux, "\n")] = '\0';
	return linux + strlen("linux ");
}

void machine_cut(void)
{
	close_fd(&dir);
	platter_restore();
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	machine_boot();
}

void machine_boot(void)
{
	void *ctx = talloc_new(NULL);
	char *cmdline = take_one_shot(ctx);

	if (!cmdline) {
		set_boot(HOME_CMDLINE, MACHINE_NRT);
	} else {
		char *line = talloc_asprintf(ctx, "BOOT_IMAGE=%s", cmdline);
		set_boot(line, strstr(cmdline, "vmlinuz-" MACHINE_RT) ? MACHINE_RT : MACHINE_NRT);
	}
	talloc_free(ctx);
	platter_flush_all();
}

bool machine_boot_is_ours(void)
{
	char *cmdline;

	machine_must(
		file_read(NULL, dir, "proc/cmdline", 4096, &cmdline, NULL, NULL) == 0, "cmdline");
	bool ours = strstr(cmdline, "latcampaign.token=") != NULL;
	talloc_free(cmdline);
	return ours;
}

const char *machine_left_behind(void)
{
	char *block;

	machine_must(file_read(NULL, dir, "boot/grub/grubenv", 4096, &block, NULL, NULL) == 0,
		"grubenv");
	bool armed = strstr(block, "next_entry=latcampaign") != NULL;
	talloc_free(block);
	if (armed)
		return "a one-shot is left";
	if (file_exists(dir, "boot/grub/latcampaign.cfg"))
		return "an entry is left";
	if (file_exists(dir, "var/lib/latcampaign/active"))
		return "the unit's condition is left";
	return machine_boot_is_ours() ? "the machine is not home" : NULL;
}

void faults_damage_record(void)
{
	autoclose int fd = openat(dir, "var/lib/latcampaign/night/record.json", O_RDWR | O_CLOEXEC);
	char byte = 0;

	if (fd < 0)
		return; /* nothing has been started yet */
	off_t middle = lseek(fd, 0, SEEK_END) / 2;
	machine_must(pread(fd, &byte, 1, middle) == 1, "record.json");
	byte ^= 4;
	machine_must(pwrite(fd, &byte, 1, middle) == 1, "record.json");
}

/* --- programs ----------------------------------------------------------------------------- */

/* The kernel that measured stands in front of the histogram, so that a test can tell. */
static void play_cyclictest(int fd)
{
	char *release;

	machine_must(file_read_line(NULL, dir, "proc/sys/kernel/osrelease", &release, NULL) == 0,
		"osrelease");
	dprintf(fd,
		"# measured by %s\n# Histogram\n000000 000001\n000001 000002\n"
		"# Total: 000000003\n# Min Latencies: 00000\n# Avg Latencies: 00000\n"
		"# Max Latencies: 00001\n# Histogram Overflows: 00000\n",
		release);
	talloc_free(release);
}

/* As the real one does it: all that is no comment. It is asked for so often that starting the real
 * one took half of this test's time. */
static int list_environment(int fd)
{
	char *block;

	machine_must(file_read(NULL, dir, "boot/grub/grubenv", 4096, &block, NULL, NULL) == 0,
		"grubenv");
	for (char *rest, *line = strtok_r(block, "\n", &rest); line;
		line = strtok_r(NULL, "\n", &rest))
		if (*line != '#')
			dprintf(fd, "%s\n", line);
	talloc_free(block);
	return 0;
}

static bool is(const char *const *argv, const char *line)
{
	for (; *argv; argv++) {
		size_t size = strlen(*argv);
		if (strncmp(line, *argv, size) != 0 || (line[size] != ' ' && line[size]))
			return false;
		line += size + (line[size] == ' ');
	}
	return !*line;
}

/* 0 or 1, the exit status of a program that is played here; -1 for one that is not. */
static int play(const char *const *argv, int fd)
{
	if (is(argv, "systemctl is-system-running --wait"))
		return 0;
	if (is(argv, "systemctl show --property=ActiveState,Job latcampaign.service"))
		return dprintf(fd, "ActiveState=failed\n") < 0; /* asked when no runner runs */
	if (is(argv, "systemctl --no-block restart latcampaign.service"))
		return faults_count(false) != 0;
	if (is(argv, "systemctl --no-block reboot"))
		return faults_count(false) != 0;
	if (strcmp(argv[0], "systemctl") == 0 && strcmp(argv[1], "stop") == 0)
		return 0;
	if (strcmp(argv[0], "grub-probe") == 0 && strcmp(argv[1], "--target=abstraction") == 0)
		return dprintf(fd, "\n") < 0; /* a plain partition */
	if (strcmp(argv[0], "grub-probe") == 0 && strcmp(argv[1], "--target=fs_uuid") == 0)
		return dprintf(fd, "1-2-3\n") < 0;
	if (strcmp(argv[0], "grub-mkrelpath") == 0)
		return dprintf(fd, "%s\n", argv[1]) < 0;
	if (strcmp(argv[0], "grub-editenv") == 0 && strcmp(argv[2], "list") == 0)
		return list_environment(fd);
	if (strcmp(argv[0], "gnuplot") == 0)
		return faults_count(true) != 0;
	if (is(argv, "cyclictest --help"))
		return dprintf(fd, "cyclictest V 2.40\n") < 0;
	if (strcmp(argv[0], "cyclictest") != 0)
		return -1;
	if (faults_count(true) != 0)
		return 1;
	play_cyclictest(fd);
	return 0;
}

static bool changes_grubenv(const char *const *argv)
{
	return strcmp(argv[0], "grub-editenv") == 0;
}

int __wrap_spawn_run(
	const struct spawn_options *options, struct spawn_result *ret, struct err *err);
int __wrap_spawn_run(const struct spawn_options *options, struct spawn_result *ret, struct err *err)
{
	int status = play(options->argv, options->output_fd);

	if (status < 0 && changes_grubenv(options->argv) && faults_count(false) != 0)
		status = 1;
	if (status < 0) {
		int r = __real_spawn_run(options, ret, err);
		faults_after();
		return r;
	}
	faults_after();
	*ret = (struct spawn_result){SPAWN_EXITED, status};
	return 0;
}

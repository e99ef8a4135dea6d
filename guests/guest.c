/* SPDX-License-Identifier: MIT */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "guests/answer.h"
#include "guests/guest.h"
#include "guests/image.h"
#include "guests/tool.h"
#include "loads/load.h"

#define IMAGE_FILE "guest.img"

int guest_prepare(void *ctx, const struct measurement *measurement, const char *console,
	struct guest *ret, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	struct guest guest = {.measurement = measurement,
		.experiment = experiment,
		.name = "guest",
		.console = console};
	int r = digest_token(guest.nonce, err);

	if (r == 0)
		r = image_write(
			measurement->root, measurement->directory, IMAGE_FILE, experiment, err);
	if (r < 0)
		return r;
	guest.directory =
		talloc_asprintf(ctx, "/proc/%d/fd/%d", (int)getpid(), measurement->directory);
	guest.image = talloc_asprintf(ctx, "%s/" IMAGE_FILE, guest.directory);
	/* panic=-1: a guest that panics reboots at once, and a reboot ends it. */
	guest.cmdline = talloc_asprintf(ctx, "console=%s quiet panic=-1 latcampaign.nonce=%s %s %s",
		console, guest.nonce, tool_words(ctx, experiment),
		load_words(ctx, experiment, false));
	*ret = guest;
	return 0;
}

int guest_check_end(const struct spawn_result *result, const char *what, struct err *err)
{
	if (result->how == SPAWN_EXITED && result->code == 0)
		return 0;
	char *how = spawn_describe(NULL, result);
	bool late = result->how == SPAWN_TIMED_OUT || result->how == SPAWN_NOT_BEGUN;
	int code = late ? -ETIMEDOUT : result->how == SPAWN_CANCELLED ? -ECANCELED : -EIO;
	err_set(err, code, "%s %s", what, how);
	talloc_free(how);
	return code;
}

/* Takes the answer out of console.txt into the run's directory. */
static int take_answer(void *ctx, const struct guest *guest, struct err *err)
{
	int directory = guest->measurement->directory;
	char *console, *archive;
	size_t size;
	int r = file_read(
		ctx, directory, "console.txt", GUEST_CONSOLE_LIMIT + 1, &console, &size, err);

	if (r == 0)
		r = answer_find(ctx, console, size, guest->nonce, &archive, &size, err);
	return r == 0 ? answer_unpack(directory, archive, size, err) : r;
}

static int check_status(void *ctx, int directory, struct err *err)
{
	char *status, *words;
	int r = file_read_line(ctx, directory, "status", &status, err);

	if (r < 0 || strcmp(status, "0") == 0)
		return r;
	if (file_read_line(ctx, directory, "measure.stderr", &words, NULL) < 0)
		words = talloc_strdup(ctx, "");
	return err_set(
		err, -EIO, "the guest's measurement exited with status %s: %.200s", status, words);
}

static int check_kernel(const struct guest *guest, const char *release, bool rt, struct err *err)
{
	const struct kernel *asked = &guest->experiment->kernel;

	if (strcmp(release, asked->release) != 0)
		return err_set(err, -EXDEV, "the guest ran kernel %s, asked was %s", release,
			asked->release);
	if (rt != asked->rt)
		return err_set(err, -EXDEV, "the guest's kernel %s PREEMPT_RT, asked was one %s",
			rt ? "has" : "does not have", asked->rt ? "with it" : "without it");
	return 0;
}

static json_t *argv_json(const char *const *argv)
{
	json_t *json = json_array();

	for (; *argv; argv++)
		json_array_append_new(json, json_string(*argv));
	return json;
}

static int read_found(void *ctx, const struct guest *guest, const char *const *argv,
	json_t **ret_found, struct err *err)
{
	int directory = guest->measurement->directory;
	char *release = NULL, *realtime = NULL, *cmdline = NULL, *clocksource = NULL;
	int r = check_status(ctx, directory, err);

	if (r == 0)
		r = file_read_line(ctx, directory, "release", &release, err);
	if (r == 0)
		r = file_read_line(ctx, directory, "realtime", &realtime, err);
	if (r == 0)
		r = file_read_line(ctx, directory, "cmdline", &cmdline, err);
	if (r == 0)
		r = file_read_line(ctx, directory, "clocksource", &clocksource, err);
	bool rt = r == 0 && strcmp(realtime, "1") == 0;
	if (r == 0)
		r = check_kernel(guest, release, rt, err);
	if (r < 0)
		return r;
	*ret_found = json_pack("{s:s, s:b, s:s, s:s, s:o, s:s}", "release", release, "preempt_rt",
		rt, "cmdline", cmdline, "clocksource", clocksource, "command", argv_json(argv),
		"tool", tool_line(ctx, guest->experiment));
	return 0;
}

/* What spawn_run() hands to both of its callbacks. */
struct guest_run {
	const struct guest *guest;
	const struct guest_console *console;
};

static int started(void *argument, pid_t pid, struct err *err)
{
	const struct guest_console *console = ((struct guest_run *)argument)->console;

	return console->started ? console->started(console->argument, pid, err) : 0;
}

/* The guest says so on its console before it measures: see init.sh. */
static bool has_begun(void *argument)
{
	const struct guest *guest = ((struct guest_run *)argument)->guest;
	char *console, *mark = talloc_asprintf(NULL, "latcampaign-measuring %s", guest->nonce);
	size_t size;
	bool begun = file_read(mark, guest->measurement->directory, "console.txt",
			     GUEST_CONSOLE_LIMIT + 1, &console, &size, NULL) == 0 &&
		     memmem(console, size, mark, strlen(mark));

	talloc_free(mark);
	return begun;
}

static int run_console(const struct guest *guest, const struct guest_console *program,
	int beside_fd, struct spawn_result *result, struct err *err)
{
	struct guest_run run = {guest, program};
	const struct measurement *measurement = guest->measurement;
	autoclose int console = openat(measurement->directory, "console.txt",
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct spawn_options options = spawn_options(program->argv);

	if (console < 0)
		return err_set(err, -errno, "console.txt: cannot be made: %s", strerror(errno));
	options.output_fd = console;
	options.keep_fd = program->keep_fd;
	options.timeout_seconds = (int)plan_run_seconds(measurement->plan, measurement->run);
	options.cancel_fd = measurement->cancel_fd;
	options.beside_fd = beside_fd;
	options.output_limit = program->output_limit;
	options.started = started;
	options.has_begun = has_begun;
	options.argument = &run;
	options.begin_seconds = (int)measurement->plan->limits.guest_seconds;
	return spawn_run(&options, result, err);
}

void guest_quote(const struct guest *guest, const char *file, struct err *err)
{
	char *console, *line = NULL, *rest;
	const struct err first = *err;

	if (file_read(NULL, guest->measurement->directory, file, GUEST_CONSOLE_LIMIT + 1, &console,
		    NULL, NULL) < 0)
		return;
	for (char *next = strtok_r(console, "\r\n", &rest); next;
		next = strtok_r(NULL, "\r\n", &rest))
		line = next;
	if (line)
		err_set(err, 0, "%.700s: %.200s", first.text, line);
	talloc_free(console);
}

int guest_run(const struct guest *guest, const struct guest_console *console, int beside_fd,
	json_t **ret_found, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	int r = run_console(guest, console, beside_fd, &result, err);

	if (r < 0)
		guest_quote(guest, "console.txt", err);
	if (r == 0)
		r = guest_check_end(&result, console->argv[0], err);
	if (r == 0)
		r = take_answer(ctx, guest, err);
	if (r == 0)
		r = read_found(ctx, guest, console->argv, ret_found, err);
	/* The image is made anew from the same inputs any time; results need not carry it. */
	if (r == 0)
		r = file_remove(guest->measurement->directory, IMAGE_FILE, err);
	talloc_free(ctx);
	return r;
}

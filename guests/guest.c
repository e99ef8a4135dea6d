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

#define CONSOLE_LIMIT ((size_t)64 << 20)
#define IMAGE_FILE "guest.img"

char *guest_cyclictest(void *ctx, const struct cyclictest *cyclictest, char separator)
{
	char *options = talloc_asprintf(ctx, "-q,-m,-h,%ld,-i,%ld,-D,%ld,-p,%d,-t,%d",
		cyclictest->histogram_us, cyclictest->interval_us, cyclictest->duration_s,
		cyclictest->priority, cyclictest->threads);

	if (cyclictest->threads > 1)
		options = talloc_asprintf_append(options, ",-a");
	for (char *c = options; *c; c++)
		if (*c == ',')
			*c = separator;
	return options;
}

int guest_prepare(void *ctx, const struct measurement *measurement, const char *console,
	struct guest *ret, struct err *err)
{
	const struct experiment *experiment =
		&measurement->plan->experiments[measurement->run->experiment];
	struct guest guest = {.measurement = measurement, .experiment = experiment};
	int r = digest_token(guest.nonce, err);

	if (r == 0)
		r = image_write(measurement->root, measurement->directory, IMAGE_FILE,
			experiment->script, err);
	if (r < 0)
		return r;
	guest.directory =
		talloc_asprintf(ctx, "/proc/%d/fd/%d", (int)getpid(), measurement->directory);
	guest.image = talloc_asprintf(ctx, "%s/" IMAGE_FILE, guest.directory);
	/* panic=-1: a guest that panics reboots at once, and a reboot ends it. */
	guest.cmdline = talloc_asprintf(ctx,
		"console=%s quiet panic=-1 latcampaign.nonce=%s latcampaign.cyclictest=%s", console,
		guest.nonce, guest_cyclictest(ctx, &experiment->cyclictest, ','));
	*ret = guest;
	return 0;
}

int guest_check_end(const struct spawn_result *result, const char *what, struct err *err)
{
	if (result->how == SPAWN_EXITED && result->code == 0)
		return 0;
	char *how = spawn_describe(NULL, result);
	int code = result->how == SPAWN_TIMED_OUT   ? -ETIMEDOUT
		   : result->how == SPAWN_CANCELLED ? -ECANCELED
						    : -EIO;
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
	int r = file_read(ctx, directory, "console.txt", CONSOLE_LIMIT + 1, &console, &size, err);

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
	if (file_read_line(ctx, directory, "cyclictest.stderr", &words, NULL) < 0)
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
		"cyclictest", guest_cyclictest(ctx, &guest->experiment->cyclictest, ' '));
	return 0;
}

static int run_console(const struct guest *guest, const char *const *argv,
	struct spawn_result *result, struct err *err)
{
	const struct measurement *measurement = guest->measurement;
	autoclose int console = openat(measurement->directory, "console.txt",
		O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct spawn_options options = {
		.argv = argv,
		.output_fd = console,
		.timeout_seconds = (int)plan_run_seconds(measurement->plan, measurement->run),
		.cancel_fd = measurement->cancel_fd,
		.output_limit = CONSOLE_LIMIT,
	};

	if (console < 0)
		return err_set(err, -errno, "console.txt: cannot be made: %s", strerror(errno));
	return spawn_run(&options, result, err);
}

int guest_run(
	const struct guest *guest, const char *const *argv, json_t **ret_found, struct err *err)
{
	void *ctx = talloc_new(NULL);
	struct spawn_result result = {SPAWN_NOT_STARTED, 0};
	int r = run_console(guest, argv, &result, err);

	if (r == 0)
		r = guest_check_end(&result, argv[0], err);
	if (r == 0)
		r = take_answer(ctx, guest, err);
	if (r == 0)
		r = read_found(ctx, guest, argv, ret_found, err);
	/* The image is made anew from the same inputs any time; results need not carry it. */
	if (r == 0)
		r = file_remove(guest->measurement->directory, IMAGE_FILE, err);
	talloc_free(ctx);
	return r;
}

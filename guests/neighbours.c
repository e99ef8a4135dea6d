/* SPDX-License-Identifier: MIT */
#include "guests/neighbours.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/timerfd.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "guests/shape.h"
#include "loads/cpu-time.h"
#include "loads/load.h"

struct neighbour {
	double cpu_seconds; /* when the measured guest was started */
	struct guest guest;
	char *file; /* its console, in the run's directory */
	struct spawned spawned;
};

/* Those that have been started so far. */
struct neighbours {
	const struct guest *measured;
	struct neighbour *all;
	int count;
	int beside_fd; /* readable = one of them, or what else runs beside the guest, has ended */
	bool loaded;   /* they carry the experiment's load */
	double began;  /* to measure; CLOCK_BOOTTIME */
};

int neighbour_prepare(
	void *ctx, const struct guest *measured, int number, struct guest *ret, struct err *err)
{
	struct guest guest = *measured;
	int r = digest_token(guest.nonce, err);

	if (r < 0)
		return r;
	guest.name = talloc_asprintf(ctx, "neighbour-%d", number);
	guest.cmdline = talloc_asprintf(ctx, "console=%s quiet panic=-1 latcampaign.nonce=%s %s",
		guest.console, guest.nonce, load_words(ctx, guest.experiment, true));
	*ret = guest;
	return 0;
}

static int watch_for_end(struct neighbours *neighbours, int fd, struct err *err)
{
	struct epoll_event event = {.events = EPOLLIN};

	if (epoll_ctl(neighbours->beside_fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return err_set(err, -errno, "a neighbour cannot be watched: %s", strerror(errno));
	return 0;
}

static int start_one(struct neighbours *neighbours, const struct guest_operations *operations,
	int number, struct err *err)
{
	struct neighbour *neighbour = &neighbours->all[number - 1];
	int directory = neighbours->measured->measurement->directory;
	int r = neighbour_prepare(neighbours, neighbours->measured, number, &neighbour->guest, err);

	if (r < 0)
		return r;
	neighbour->file = talloc_asprintf(neighbours, "%s.txt", neighbour->guest.name);
	autoclose int output =
		openat(directory, neighbour->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (output < 0)
		return err_set(
			err, -errno, "%s: cannot be made: %s", neighbour->file, strerror(errno));
	r = operations->start(neighbours, &neighbour->guest, output, &neighbour->spawned, err);
	if (r < 0) {
		guest_quote(&neighbour->guest, neighbour->file, err);
		return r;
	}
	neighbours->count = number;
	return watch_for_end(neighbours, neighbour->spawned.pid_fd, err);
}

static bool is_ready(const struct neighbours *neighbours, const struct neighbour *neighbour)
{
	char *mark = talloc_asprintf(NULL, "latcampaign-ready %s", neighbour->guest.nonce),
	     *console;
	size_t size;
	bool ready = file_read(mark, neighbours->measured->measurement->directory, neighbour->file,
			     GUEST_CONSOLE_LIMIT + 1, &console, &size, NULL) == 0 &&
		     memmem(console, size, mark, strlen(mark));

	talloc_free(mark);
	return ready;
}

/* Sleeps until the neighbour prints, ends, or may not be waited for any longer. */
static int wait_for_line(const struct neighbours *neighbours, const struct neighbour *neighbour,
	int inotify, int timer, struct err *err)
{
	struct pollfd wait_for[] = {
		{.fd = inotify, .events = POLLIN},
		{.fd = timer, .events = POLLIN},
		{.fd = neighbours->measured->measurement->cancel_fd, .events = POLLIN},
		{.fd = neighbour->spawned.pid_fd, .events = POLLIN},
	};
	char events[4096];

	while (poll(wait_for, 4, -1) < 0)
		if (errno != EINTR)
			return err_set(err, -errno, "poll: %s", strerror(errno));
	if (wait_for[1].revents)
		return err_set(err, -ETIMEDOUT, "%s was not ready in time; %s shows its console",
			neighbour->guest.name, neighbour->file);
	if (wait_for[2].revents)
		return err_set(
			err, -ECANCELED, "cancelled while %s came up", neighbour->guest.name);
	if (wait_for[3].revents)
		return err_set(err, -EIO, "%s ended before it was ready; %s shows its console",
			neighbour->guest.name, neighbour->file);
	if (read(inotify, events, sizeof(events)) < 0 && errno != EAGAIN)
		return err_set(err, -errno, "inotify: %s", strerror(errno));
	return 0;
}

static int await_ready(const struct neighbours *neighbours, const struct neighbour *neighbour,
	int timer, struct err *err)
{
	autoclose int inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char *path =
		talloc_asprintf(NULL, "%s/%s", neighbours->measured->directory, neighbour->file);
	int r = 0;

	if (inotify < 0 || inotify_add_watch(inotify, path, IN_MODIFY) < 0)
		r = err_set(err, -errno, "%s: cannot be watched: %s", path, strerror(errno));
	talloc_free(path);
	/* The watch comes first: what was printed before it is seen at once. */
	while (r == 0 && !is_ready(neighbours, neighbour))
		r = wait_for_line(neighbours, neighbour, inotify, timer, err);
	return r;
}

static int await_all(const struct neighbours *neighbours, struct err *err)
{
	const struct plan *plan = neighbours->measured->measurement->plan;
	struct itimerspec when = {.it_value = {.tv_sec = plan->limits.guest_seconds}};
	autoclose int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	int r = 0;

	if (timer < 0 || timerfd_settime(timer, 0, &when, NULL) < 0)
		r = err_set(err, -errno, "no timer: %s", strerror(errno));
	for (int i = 0; r == 0 && i < neighbours->count; i++)
		r = await_ready(neighbours, &neighbours->all[i], timer, err);
	return r;
}

static int free_neighbours(struct neighbours *neighbours)
{
	close_fd(&neighbours->beside_fd);
	return 0;
}

static int start_all(
	struct neighbours *neighbours, const struct guest_operations *operations, struct err *err)
{
	const struct guest *measured = neighbours->measured;
	int wanted = measured->experiment->shape.neighbours;
	int r = 0;

	neighbours->all = talloc_zero_array(neighbours, struct neighbour, (unsigned)wanted);
	if (neighbours->beside_fd < 0)
		r = err_set(err, -errno, "no epoll: %s", strerror(errno));
	if (r == 0 && measured->measurement->beside_fd >= 0)
		r = watch_for_end(neighbours, measured->measurement->beside_fd, err);
	for (int number = 1; r == 0 && number <= wanted; number++)
		r = start_one(neighbours, operations, number, err);
	return r == 0 ? await_all(neighbours, err) : r;
}

/* Whoever ended by itself is named. */
static int stop_all(struct neighbours *neighbours, struct err *err)
{
	int r = 0;

	for (int i = 0; i < neighbours->count; i++) {
		struct neighbour *neighbour = &neighbours->all[i];
		struct spawn_result result = {SPAWN_NOT_STARTED, 0};
		int stopped = spawn_stop(&neighbour->spawned, &result, r == 0 ? err : NULL);
		if (r == 0)
			r = stopped;
		if (r == 0 && result.how != SPAWN_CANCELLED)
			r = err_set(err, -EIO,
				"%s ended before the measurement did; %s shows its console",
				neighbour->guest.name, neighbour->file);
	}
	return r;
}

static int usage_begin(
	struct neighbours *neighbours, const struct guest_operations *operations, struct err *err)
{
	const struct experiment *experiment = neighbours->measured->experiment;
	int r = 0;

	neighbours->loaded = *experiment->load && experiment->load_place == LOAD_NEIGHBOUR;
	neighbours->began = boottime();
	for (int i = 0; r == 0 && neighbours->loaded && i < neighbours->count; i++) {
		struct neighbour *neighbour = &neighbours->all[i];
		r = operations->cpu_seconds(
			&neighbour->guest, &neighbour->spawned, &neighbour->cpu_seconds, err);
	}
	return r;
}

/* What the neighbours' processors did since usage_begin(). */
static int usage_end(const struct neighbours *neighbours, const struct guest_operations *operations,
	json_t *found, struct err *err)
{
	double seconds = boottime() - neighbours->began;
	json_t *list = json_array();
	int r = 0;

	for (int i = 0; r == 0 && i < neighbours->count; i++) {
		const struct neighbour *neighbour = &neighbours->all[i];
		double used = 0;
		r = operations->cpu_seconds(&neighbour->guest, &neighbour->spawned, &used, err);
		json_array_append_new(list,
			json_pack("{s:s, s:f, s:f}", "name", neighbour->guest.name, "cpu_seconds",
				used - neighbour->cpu_seconds, "seconds", seconds));
	}
	json_object_set_new(found, "neighbours", list);
	return r;
}

/* Runs the measured guest, and looks at the neighbours before and after. */
static int run_among(struct neighbours *neighbours, const struct guest_operations *operations,
	json_t **ret_found, json_t **ret_shape, struct err *err)
{
	int r = usage_begin(neighbours, operations, err);

	if (r == 0)
		r = operations->run(
			neighbours->measured, neighbours->beside_fd, ret_found, ret_shape, err);
	return r == 0 && neighbours->loaded ? usage_end(neighbours, operations, *ret_found, err)
					    : r;
}

static int add_shape(const struct guest *guest, const struct guest_operations *operations,
	json_t *shape, json_t *found, struct err *err)
{
	json_t *asked = shape_asked(guest->experiment, operations->place);

	json_object_set_new(shape, "neighbours", json_integer(guest->experiment->shape.neighbours));
	int r = shape_compare(asked, shape, err);
	json_object_set_new(
		found, "shape", json_pack("{s:o, s:O}", "asked", asked, "found", shape));
	return r;
}

int neighbours_measure(const struct guest *guest, const struct guest_operations *operations,
	json_t **ret_found, struct err *err)
{
	struct neighbours *neighbours = talloc_zero(NULL, struct neighbours);
	json_t *found = NULL, *shape = NULL;
	struct err why = {""};

	*neighbours =
		(struct neighbours){.measured = guest, .beside_fd = epoll_create1(EPOLL_CLOEXEC)};
	talloc_set_destructor(neighbours, free_neighbours);
	int started = start_all(neighbours, operations, err), r = started;
	if (started == 0)
		r = run_among(neighbours, operations, &found, &shape, err);
	/* A neighbour that ended is why the measurement was ended, and the better sentence. */
	int stopped = stop_all(neighbours, &why);
	if (started == 0 && stopped < 0 && (r == 0 || r == -EIO))
		r = err_set(err, stopped, "%s", why.text);
	if (r == 0)
		r = add_shape(guest, operations, shape, found, err);
	json_decref(shape);
	talloc_free(neighbours);
	if (r < 0)
		json_decref(found);
	else
		*ret_found = found;
	return r;
}

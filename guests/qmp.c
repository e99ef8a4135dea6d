/* SPDX-License-Identifier: MIT */
#include "guests/qmp.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <talloc.h>
#include <time.h>

#define LINE_LIMIT ((size_t)1 << 20)

struct qmp {
	int fd, cancel_fd;
	int timeout_seconds;
	char *buffer; /* bytes that have come and are not used up */
	size_t size;
};

int qmp_parse(
	const char *line, size_t size, enum qmp_kind *ret_kind, json_t **ret_value, struct err *err)
{
	json_t *json = json_loadb(line, size, 0, NULL);
	json_t *value = json_object_get(json, "return"), *error = json_object_get(json, "error");
	int r = 0;

	*ret_value = NULL;
	if (value)
		*ret_kind = QMP_RETURN;
	else if (json_is_string(json_object_get(error, "desc")))
		*ret_kind = QMP_ERROR;
	else if (json_object_get(json, "event"))
		*ret_kind = QMP_EVENT;
	else if (json_object_get(json, "QMP"))
		*ret_kind = QMP_GREETING;
	else
		r = err_set(err, -EBADMSG, "QEMU's monitor says what is not QMP: %.*s",
			(int)(size < 100 ? size : 100), line);
	if (r == 0 && *ret_kind <= QMP_ERROR && *ret_kind >= QMP_RETURN)
		*ret_value = json_incref(value ? value : error);
	json_decref(json);
	return r;
}

static int by_index(const void *a, const void *b)
{
	const struct qmp_cpu *left = a, *right = b;

	return (left->index > right->index) - (left->index < right->index);
}

int qmp_cpus(void *ctx, const json_t *returned, struct qmp_cpu **ret, unsigned *ret_count,
	struct err *err)
{
	unsigned count = (unsigned)json_array_size(returned);
	struct qmp_cpu *cpus = talloc_zero_array(ctx, struct qmp_cpu, count);

	for (unsigned i = 0; i < count; i++) {
		const json_t *json = json_array_get(returned, i);
		const json_t *index = json_object_get(json, "cpu-index");
		int64_t thread = json_integer_value(json_object_get(json, "thread-id"));
		cpus[i] = (struct qmp_cpu){json_integer_value(index), (pid_t)thread,
			json_string_value(json_object_get(json, "qom-path"))};
		if (json_is_integer(index) && thread > 0 && thread <= INT_MAX && cpus[i].path)
			continue;
		talloc_free(cpus);
		return err_set(
			err, -EBADMSG, "QEMU's monitor does not name the thread of CPU %u", i);
	}
	if (count > 0)
		qsort(cpus, count, sizeof(*cpus), by_index);
	*ret = cpus;
	*ret_count = count;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Sleeps until QEMU says something. */
static int wait_for_bytes(const struct qmp *qmp, int64_t deadline, struct err *err)
{
	struct pollfd wait_for[] = {
		{.fd = qmp->fd, .events = POLLIN}, {.fd = qmp->cancel_fd, .events = POLLIN}};
	int64_t left = deadline - now_ms();
	int ready = poll(wait_for, 2, left > 0 ? (int)left : 0);

	if (ready < 0)
		return errno == EINTR ? 0 : err_set(err, -errno, "poll: %s", strerror(errno));
	if (wait_for[1].revents)
		return err_set(err, -ECANCELED, "cancelled while QEMU was spoken to");
	return ready > 0 ? 0
			 : err_set(err, -ETIMEDOUT, "QEMU's monitor did not answer in %d seconds",
				   qmp->timeout_seconds);
}

static int receive(struct qmp *qmp, struct err *err)
{
	char *end = qmp->buffer + qmp->size;
	ssize_t got = recv(qmp->fd, end, LINE_LIMIT - qmp->size, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return err_set(err, -EIO, "QEMU ended before its guest was started");
	qmp->size += (size_t)got;
	return 0;
}

/* Takes the next line, without its end, out of what has come or will come. */
static int next_line(void *ctx, struct qmp *qmp, int64_t deadline, char **ret, struct err *err)
{
	char *end;

	while (!(end = memchr(qmp->buffer, '\n', qmp->size))) {
		if (qmp->size == LINE_LIMIT)
			return err_set(err, -EBADMSG, "QEMU's monitor sends an endless line");
		int r = wait_for_bytes(qmp, deadline, err);
		if (r == 0)
			r = receive(qmp, err);
		if (r < 0)
			return r;
	}
	size_t size = (size_t)(end - qmp->buffer);
	*ret = talloc_strndup(ctx, qmp->buffer, size);
	qmp->size -= size + 1;
	memmove(qmp->buffer, end + 1, qmp->size);
	return 0;
}

/* What comes next and is no event. */
static int hear(struct qmp *qmp, enum qmp_kind *ret_kind, json_t **ret_value, struct err *err)
{
	int64_t deadline = now_ms() + (int64_t)qmp->timeout_seconds * 1000;
	int r;

	do {
		char *line = NULL;
		r = next_line(qmp, qmp, deadline, &line, err);
		if (line)
			r = qmp_parse(line, strlen(line), ret_kind, ret_value, err);
		talloc_free(line);
	} while (r == 0 && *ret_kind == QMP_EVENT);
	return r;
}

static int say(const struct qmp *qmp, json_t *message, struct err *err)
{
	char *text = json_dumps(message, JSON_COMPACT);
	size_t size = strlen(text);
	ssize_t sent = send(qmp->fd, text, size, MSG_NOSIGNAL);

	free(text);
	return sent == (ssize_t)size
		       ? 0
		       : err_set(err, -EIO, "QEMU ended before its guest was started");
}

int qmp_execute(
	struct qmp *qmp, const char *command, json_t *arguments, json_t **ret, struct err *err)
{
	json_t *message = json_pack("{s:s}", "execute", command), *value = NULL;
	enum qmp_kind kind = QMP_RETURN;

	if (arguments)
		json_object_set_new(message, "arguments", arguments);
	int r = say(qmp, message, err);
	json_decref(message);
	if (r == 0)
		r = hear(qmp, &kind, &value, err);
	if (r == 0 && kind != QMP_RETURN)
		r = err_set(err, -EIO, "QEMU refused %s: %s", command,
			kind == QMP_ERROR ? json_string_value(json_object_get(value, "desc"))
					  : "it greets again");
	if (r == 0 && ret)
		*ret = json_incref(value);
	json_decref(value);
	return r;
}

int qmp_open(
	void *ctx, int fd, int timeout_seconds, int cancel_fd, struct qmp **ret, struct err *err)
{
	struct qmp *qmp = talloc_zero(ctx, struct qmp);
	enum qmp_kind kind = QMP_GREETING;
	json_t *value = NULL;

	*qmp = (struct qmp){.fd = fd,
		.cancel_fd = cancel_fd,
		.timeout_seconds = timeout_seconds,
		.buffer = talloc_size(qmp, LINE_LIMIT)};
	int r = hear(qmp, &kind, &value, err);
	json_decref(value);
	if (r == 0 && kind != QMP_GREETING)
		r = err_set(err, -EBADMSG, "QEMU's monitor does not greet");
	if (r == 0)
		r = qmp_execute(qmp, "qmp_capabilities", NULL, NULL, err);
	if (r < 0)
		talloc_free(qmp);
	else
		*ret = qmp;
	return r;
}

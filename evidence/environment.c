/* SPDX-License-Identifier: MIT */
#include "evidence/environment.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "evidence/parse.h"
#include "evidence/reading.h"

#define KMSG "dev/kmsg"
#define KMSG_RECORD 8192  /* the largest that a read of /dev/kmsg returns */
#define KMSG_READS 100000 /* a kernel that prints without end does not hold us */
#define MESSAGES_KEPT 20

struct environment {
	int root;
	int kmsg; /* stands at the end of what there was; -1: `why_no_kmsg` */
	struct err why_no_kmsg;
	json_t *before;
};

static int free_environment(struct environment *environment)
{
	close_fd(&environment->kmsg);
	json_decref(environment->before);
	return 0;
}

static void open_messages(struct environment *environment)
{
	int fd = openat(environment->root, KMSG, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0) {
		err_set(&environment->why_no_kmsg, -errno,
			KMSG ": cannot be read: %s; latcampaign.service keeps it away "
			     "(ProtectKernelLogs=yes), `journalctl -k` has the messages",
			strerror(errno));
		close_fd(&fd);
	}
	environment->kmsg = fd;
}

struct environment *environment_begin(void *ctx, int root)
{
	struct environment *environment = talloc_zero(ctx, struct environment);

	environment->root = root;
	talloc_set_destructor(environment, free_environment);
	environment->before = environment_sample(root);
	open_messages(environment);
	return environment;
}

/* A record at a time; EPIPE says that some were overwritten before they were read. */
static struct messages read_messages(int kmsg)
{
	struct messages messages = {0, json_array()};
	char record[KMSG_RECORD + 1];

	for (unsigned i = 0; i < KMSG_READS; i++) {
		ssize_t size = read(kmsg, record, KMSG_RECORD);
		if (size < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (size <= 0)
			break;
		record[size] = '\0';
		parse_messages(record, MESSAGES_KEPT, &messages);
	}
	return messages;
}

static void add_messages(const struct environment *environment, json_t *change)
{
	if (environment->kmsg < 0) {
		json_object_set_new(change, "kernel_messages", json_null());
		json_object_set_new(json_object_get(change, "not_read"), "kernel_messages",
			json_string(environment->why_no_kmsg.text));
		return;
	}
	struct messages messages = read_messages(environment->kmsg);
	json_object_set_new(change, "kernel_messages",
		json_pack(
			"{s:I, s:o}", "count", (json_int_t)messages.count, "last", messages.last));
}

/* Of hundreds of lines those that moved are told, as a change. */
static void leave_out_interrupts(json_t *sample)
{
	json_object_del(sample, "interrupts");
	json_object_del(json_object_get(sample, "not_read"), "interrupts");
}

json_t *environment_end(struct environment *environment)
{
	json_t *after = environment_sample(environment->root);
	json_t *change = environment_change(environment->before, after);

	add_messages(environment, change);
	leave_out_interrupts(environment->before);
	leave_out_interrupts(after);
	return json_pack(
		"{s:O, s:o, s:o}", "before", environment->before, "after", after, "change", change);
}

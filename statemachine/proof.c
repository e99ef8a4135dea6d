/* SPDX-License-Identifier: MIT */
#include "statemachine/proof.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "campaigns/knobs.h"
#include "guests/xl.h"
#include "kernels/kernel.h"

/* The string members under the names that results and records use. */
static const struct member {
	const char *name;
	size_t offset;
	bool optional; /* compared only where it was asked */
} members[] = {
	{"token", offsetof(struct identity, token), false},
	{"release", offsetof(struct identity, release), false},
	{"hypervisor", offsetof(struct identity, hypervisor), false},
	{"hypervisor_version", offsetof(struct identity, hypervisor_version), false},
	{"cmdline", offsetof(struct identity, cmdline), false},
	{"hypervisor_cmdline", offsetof(struct identity, hypervisor_cmdline), false},
	{"scheduler", offsetof(struct identity, scheduler), true},
	{"ratelimit_us", offsetof(struct identity, ratelimit_us), true},
	{"dom0_vcpus", offsetof(struct identity, dom0_vcpus), true},
	{"dom0_pin", offsetof(struct identity, dom0_pin), true},
	{"boot_id", offsetof(struct identity, boot_id), false},
};
#define MEMBER_COUNT (sizeof(members) / sizeof(*members))

static char **string(struct identity *identity, size_t offset)
{
	return (char **)(void *)((char *)identity + offset);
}

static const char *value(const struct identity *identity, size_t offset)
{
	return *(char *const *)(const void *)((const char *)identity + offset);
}

static struct identity *identity_new(void *ctx)
{
	struct identity *identity = talloc_zero(ctx, struct identity);

	for (size_t i = 0; i < MEMBER_COUNT; i++)
		*string(identity, members[i].offset) = talloc_strdup(identity, "");
	return identity;
}

/* One space between words, and without the words that only a boot loader adds: GRUB's `linux`
 * puts BOOT_IMAGE= in front, multiboot2 a placeholder for the file's name. */
static char *normalize(void *ctx, const char *cmdline)
{
	char *words = talloc_strdup(ctx, cmdline), *clean = talloc_strdup(ctx, ""), *rest;

	for (char *word = strtok_r(words, " \n", &rest); word;
		word = strtok_r(NULL, " \n", &rest)) {
		if (strncmp(word, "BOOT_IMAGE=", 11) == 0 || strcmp(word, "placeholder") == 0)
			continue;
		clean = talloc_asprintf_append(clean, "%s%s", *clean ? " " : "", word);
	}
	talloc_free(words);
	return clean;
}

static char *token_of(void *ctx, const char *cmdline)
{
	const char *at = strstr(cmdline, PROOF_TOKEN_KEY);

	if (!at || (at > cmdline && at[-1] != ' '))
		return talloc_strdup(ctx, "");
	at += strlen(PROOF_TOKEN_KEY);
	return talloc_strndup(ctx, at, strcspn(at, " "));
}

void identity_take_cmdline(struct identity *identity, const char *cmdline)
{
	identity->cmdline = normalize(identity, cmdline);
	identity->token = token_of(identity, identity->cmdline);
}

/* What Xen's own defaults decide is not asked. */
static void ask_scheduler(struct identity *asked, const struct setup *setup)
{
	if (setup->scheduler != SCHEDULER_DEFAULT)
		asked->scheduler = talloc_strdup(asked, scheduler_name(setup->scheduler));
	if (setup->ratelimit_us >= 0)
		asked->ratelimit_us =
			talloc_asprintf(asked, "%lld", (long long)setup->ratelimit_us);
	if (setup->dom0_vcpus > 0)
		asked->dom0_vcpus = talloc_asprintf(asked, "%d", setup->dom0_vcpus);
	if (setup->dom0_pin != TOGGLE_DEFAULT)
		asked->dom0_pin =
			talloc_strdup(asked, setup->dom0_pin == TOGGLE_ON ? "pinned" : "free");
}

struct identity *identity_asked(void *ctx, const struct setup *setup, const char *token)
{
	struct identity *asked = identity_new(ctx);
	char *cmdline = talloc_asprintf(asked, "%s %s %s panic=%d oops=panic " PROOF_TOKEN_KEY "%s",
		setup->base_cmdline, knobs_cmdline(asked, setup->tuning), setup->cmdline,
		PROOF_PANIC_SECONDS, token);

	asked->token = talloc_strdup(asked, token);
	asked->release = talloc_strdup(asked, setup->kernel.release);
	asked->preempt_rt = setup->kernel.rt;
	asked->hypervisor = talloc_strdup(asked, hypervisor_name(setup->hypervisor));
	if (setup->hypervisor_version)
		asked->hypervisor_version = talloc_strdup(asked, setup->hypervisor_version);
	asked->cmdline = normalize(asked, cmdline);
	asked->hypervisor_cmdline = normalize(asked, setup_hypervisor_cmdline(asked, setup));
	ask_scheduler(asked, setup);
	return asked;
}

/* dom0's services (`xl list` asks xenstored) and the hypervisor have to answer. */
static int ask_xen(struct identity *found, char **ret_info, struct err *err)
{
	static const char *const xl_list[] = {"xl", "list", NULL};
	static const char *const xl_info[] = {"xl", "info", NULL};
	int r = spawn_read(found, xl_list, XL_SECONDS, NULL, err);

	return r == 0 ? spawn_read(found, xl_info, XL_SECONDS, ret_info, err) : r;
}

/* Only the two credit schedulers have a ratelimit. */
static int find_ratelimit(struct identity *found, struct err *err)
{
	char *command = talloc_asprintf(found, "sched-%s", found->scheduler), *text = NULL;
	const char *const argv[] = {"xl", command, "-s", NULL};

	if (strncmp(found->scheduler, "credit", 6) != 0)
		return 0;
	int r = spawn_read(found, argv, XL_SECONDS, &text, err);
	if (r == 0)
		found->ratelimit_us = xl_ratelimit(found, text);
	return r;
}

static int find_dom0(struct identity *found, struct err *err)
{
	static const char *const argv[] = {"xl", "vcpu-list", "0", NULL};
	char *table = NULL;
	unsigned count;
	int r = spawn_read(found, argv, XL_SECONDS, &table, err);

	if (r < 0)
		return r;
	struct xl_row *rows = xl_rows(found, table, "Domain-0", &count);
	found->dom0_vcpus = talloc_asprintf(found, "%u", count);
	found->dom0_pin = talloc_strdup(found, xl_pinning(rows, count));
	return 0;
}

static int find_scheduler(struct identity *found, const char *info, struct err *err)
{
	found->scheduler = hypervisor_info(found, info, "xen_scheduler");
	int r = find_ratelimit(found, err);
	return r == 0 ? find_dom0(found, err) : r;
}

static int find_xen(struct identity *found, int root, struct err *err)
{
	char *major = NULL, *minor = NULL, *info = NULL;
	struct err why = {""};
	int r = file_read_line(found, root, "sys/hypervisor/version/major", &major, err);

	if (r == 0)
		r = file_read_line(found, root, "sys/hypervisor/version/minor", &minor, err);
	if (r < 0)
		return r;
	found->hypervisor_version = talloc_asprintf(found, "%s.%s", major, minor);
	/* A Xen that does not answer is not what was asked; the boot counts as a failed one. */
	if (ask_xen(found, &info, &why) < 0 || find_scheduler(found, info, &why) < 0)
		found->hypervisor = talloc_asprintf(found, "xen, and %s", why.text);
	else
		found->hypervisor_cmdline =
			normalize(found, hypervisor_info(found, info, "xen_commandline"));
	return 0;
}

static int find_kernel(struct identity *found, int root, struct err *err)
{
	char *cmdline = NULL, *realtime = NULL;
	int r = file_read_line(found, root, "proc/cmdline", &cmdline, err);

	if (r == 0)
		r = file_read_line(found, root, "proc/sys/kernel/osrelease", &found->release, err);
	if (r == 0)
		r = file_read_line(
			found, root, "proc/sys/kernel/random/boot_id", &found->boot_id, err);
	if (r < 0)
		return r;
	identity_take_cmdline(found, cmdline);
	/* Kernels without PREEMPT_RT do not have the file. */
	found->preempt_rt =
		file_read_line(found, root, "sys/kernel/realtime", &realtime, NULL) == 0 &&
		strcmp(realtime, "1") == 0;
	return 0;
}

int identity_found(void *ctx, int root, struct identity **ret, struct err *err)
{
	struct identity *found = identity_new(ctx);
	char *type;
	int r = find_kernel(found, root, err);

	found->hypervisor = talloc_strdup(found, "none");
	if (r == 0 && file_read_line(found, root, "sys/hypervisor/type", &type, NULL) == 0) {
		found->hypervisor = type;
		if (strcmp(type, "xen") == 0)
			r = find_xen(found, root, err);
	}
	if (r < 0) {
		talloc_free(found);
		return r;
	}
	*ret = found;
	return 0;
}

/* An asked version "4.17" is met by "4.17" alone: /sys tells just that much. */
char *identity_difference(void *ctx, const struct identity *asked, const struct identity *found)
{
	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const char *a = value(asked, members[i].offset);
		const char *f = value(found, members[i].offset);
		if (members[i].offset == offsetof(struct identity, boot_id) ||
			(members[i].optional && !*a))
			continue;
		if (strcmp(a, f) != 0)
			return talloc_asprintf(
				ctx, "%s: asked \"%s\", found \"%s\"", members[i].name, a, f);
	}
	if (asked->preempt_rt != found->preempt_rt)
		return talloc_asprintf(ctx, "PREEMPT_RT: asked %s, found %s",
			asked->preempt_rt ? "yes" : "no", found->preempt_rt ? "yes" : "no");
	return NULL;
}

json_t *identity_to_json(const struct identity *identity)
{
	json_t *json = json_object();

	for (size_t i = 0; i < MEMBER_COUNT; i++)
		json_object_set_new(
			json, members[i].name, json_string(value(identity, members[i].offset)));
	json_object_set_new(json, "preempt_rt", json_boolean(identity->preempt_rt));
	return json;
}

int identity_from_json(void *ctx, const json_t *json, struct identity **ret, struct err *err)
{
	struct identity *identity = identity_new(ctx);

	for (size_t i = 0; i < MEMBER_COUNT; i++) {
		const char *text = json_string_value(json_object_get(json, members[i].name));
		if (!text && members[i].optional)
			continue;
		if (!text) {
			talloc_free(identity);
			return err_set(
				err, -EBADMSG, "the identity has no \"%s\"", members[i].name);
		}
		*string(identity, members[i].offset) = talloc_strdup(identity, text);
	}
	identity->preempt_rt = json_is_true(json_object_get(json, "preempt_rt"));
	*ret = identity;
	return 0;
}

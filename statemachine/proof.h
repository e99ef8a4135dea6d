/* SPDX-License-Identifier: MIT */
/*
 * Proof of a setup: what a boot was asked to be and what it is found to be.
 */
#ifndef STATEMACHINE_PROOF_H
#define STATEMACHINE_PROOF_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "campaigns/plan.h"

/* Stands in front of the token on the kernel's command line. */
#define PROOF_TOKEN_KEY "latcampaign.token="

/* A boot's identity, asked or found. Strings are never NULL, "" where it does not apply. */
struct identity {
	char *token;              /* latcampaign.token= on the kernel's command line */
	char *release;            /* uname -r */
	bool preempt_rt;          /* /sys/kernel/realtime, which only PREEMPT_RT kernels have */
	char *hypervisor;         /* "none" or "xen" (/sys/hypervisor/type) */
	char *hypervisor_version; /* /sys/hypervisor/version: MAJOR.MINOR */
	char *cmdline; /* /proc/cmdline without what the boot loader itself puts in front */
	char *hypervisor_cmdline; /* xen_commandline of `xl info`, likewise */
	char *scheduler;          /* of Xen: xen_scheduler of `xl info` */
	char *ratelimit_us;       /* of that scheduler, where it has one: `xl sched-credit2 -s` */
	char *dom0_vcpus;         /* how many: `xl vcpu-list 0` */
	char *dom0_pin;           /* "pinned" or "free": each of them has one CPU, likewise */
	char *boot_id;            /* /proc/sys/kernel/random/boot_id; "" when asked */
};

/* Host kernels get this many seconds from a panic to the reboot (kernel parameter panic=). An oops
 * counts as one (oops=panic): nothing that is measured after it can be trusted. */
#define PROOF_PANIC_SECONDS 30

/* What a boot into the setup with this token is asked to be; a talloc child of `ctx`. The setup
 * has to be resolved. */
struct identity *identity_asked(void *ctx, const struct setup *setup, const char *token);

/* Takes a kernel's command line into the identity (a talloc context): without what only the boot
 * loader adds, and the token that stands in it ("" without one). */
void identity_take_cmdline(struct identity *identity, const char *cmdline);

/* What this boot is; a talloc child of `ctx`. `root` is the descriptor of "/" or of a recorded
 * machine. Under Xen `xl list` and `xl info` are asked, which waits until dom0's services answer;
 * when they do not, `hypervisor` says so, which differs from whatever was asked. */
int identity_found(void *ctx, int root, struct identity **ret, struct err *err);

/* The first difference as a sentence (talloc child of `ctx`), or NULL when all that was asked was
 * found. Boot ids are not compared, and Xen's scheduler and dom0's vCPUs only where they were
 * asked. */
char *identity_difference(void *ctx, const struct identity *asked, const struct identity *found);

/* JSON (new reference) and back; -EBADMSG for a member that is missing or no string. What is only
 * compared where it was asked may be missing. */
json_t *identity_to_json(const struct identity *identity);
int identity_from_json(void *ctx, const json_t *json, struct identity **ret, struct err *err);

#endif

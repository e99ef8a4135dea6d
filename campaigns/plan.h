/* SPDX-License-Identifier: MIT */
/*
 * The plan: everything that a campaign says, expanded and checked, and, once it has been resolved
 * against a machine, every kernel and hypervisor by path, release and digest.
 *
 * A plan is one talloc tree: talloc_free(plan) frees all of it. Strings are never NULL unless
 * said so. It is frozen as JSON at `latcampaign start`; nothing but that JSON is read later.
 */
#ifndef CAMPAIGNS_PLAN_H
#define CAMPAIGNS_PLAN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum hypervisor {
	HYPERVISOR_NONE, /* Linux on the bare machine; KVM guests can run there */
	HYPERVISOR_XEN,  /* Linux is dom0; Xen guests can run there */
};

enum place {
	PLACE_HOST, /* cyclictest on the host, or in dom0 under Xen */
	PLACE_KVM,
	PLACE_XEN,
};

enum guest_type {
	GUEST_PV,
	GUEST_PVH,
	GUEST_HVM,
};

enum toggle {
	TOGGLE_DEFAULT, /* what the hypervisor does by itself */
	TOGGLE_OFF,
	TOGGLE_ON,
};

enum order {
	ORDER_WRITTEN, /* setups in the order of the campaign (the paper's) */
	ORDER_RANDOM,  /* setups shuffled by `seed` */
};

/* A kernel: what the campaign asked for and, after kernel_resolve(), what that is here. */
struct kernel {
	char *wanted;        /* "nrt", "rt" (newest installed), a release, or a path to an image */
	char *release;       /* as `uname -r` prints it; NULL until resolved */
	char *image;         /* absolute path; NULL until resolved */
	char *image_sha256;  /* NULL until resolved */
	char *initrd;        /* absolute path; NULL until resolved, or when there is none */
	char *initrd_sha256; /* likewise */
	bool rt; /* CONFIG_PREEMPT_RT=y in its own configuration; false until resolved */
};

struct setup {
	char *name;
	enum hypervisor hypervisor;
	struct kernel kernel;
	char *cmdline;            /* added to the host kernel's command line; may be "" */
	char *hypervisor_cmdline; /* Xen's command line; "" without Xen */
	char *base_cmdline;       /* home's command line, which ours extends; NULL until resolved */
	char *hypervisor_image;   /* absolute path of xen.gz; NULL without Xen or until resolved */
	char *hypervisor_sha256;  /* likewise */
	char *hypervisor_version; /* likewise; "4.17" as in the image's name */
};

/* cyclictest's own parameters, see cyclictest(8). */
struct cyclictest {
	int64_t interval_us;  /* -i, 1..1e9 */
	int64_t duration_s;   /* -D, >= 1 */
	int priority;         /* -p, 0 (SCHED_OTHER) .. 99 */
	int threads;          /* -t, 1..1024 */
	int64_t histogram_us; /* -h, 1..1e6: bins of 1 us */
};

struct experiment {
	char *name;
	bool in_guest;              /* place = "guest": KVM or Xen, whichever the setup can run */
	enum place place;           /* meaningful unless in_guest */
	char **setups;              /* names, NULL-terminated; never empty: those it runs under */
	struct kernel kernel;       /* the guest's; `wanted` is "" for PLACE_HOST */
	enum guest_type guest_type; /* Xen only; KVM guests are always hardware-virtualised */
	enum toggle hap;            /* xl's hap= for PVH and HVM */
	int vcpus;
	int64_t memory_mib;
	char *script; /* absolute path of a replacement for the guest's measuring script, or "" */
	struct cyclictest cyclictest;
	int repetitions;
};

struct run {
	unsigned setup;      /* index into plan.setups */
	unsigned experiment; /* index into plan.experiments */
	unsigned repetition; /* from 1 */
	enum place place;    /* resolved from the experiment and the setup */
	char *id; /* "SETUP.EXPERIMENT.REPETITION", unique, the result directory's name */
};

/* One boot into one setup with the runs to be made there. */
struct visit {
	unsigned setup;     /* index into plan.setups */
	unsigned block;     /* from 1 */
	unsigned first_run; /* the visit's runs are plan.runs[first_run .. first_run+run_count-1] */
	unsigned run_count;
};

struct limits {
	int boot_attempts; /* boots in a row that fail to reach one visit's setup */
	int run_attempts;  /* executions of one run */
	int boots; /* boots in all; 0 in a campaign = worked out from the number of visits */
	int64_t guest_seconds; /* added to a run's duration for the guest's boot and answer */
	int64_t wall_seconds;  /* for the whole campaign */
};

struct output {
	int64_t x_max_us; /* the figures' x axis ends here */
	char **formats;   /* of "eps" "pdf" "svg" "png", NULL-terminated */
};

struct plan {
	char *name;        /* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 characters */
	char *description; /* may be "" */
	char **overrides;  /* the --set arguments as given, NULL-terminated */
	enum order order;
	int64_t seed;
	struct limits limits;
	struct output output;
	struct setup *setups; /* talloc arrays */
	unsigned setup_count;
	struct experiment *experiments;
	unsigned experiment_count;
	struct visit *visits; /* in the order in which they are made */
	unsigned visit_count;
	struct run *runs; /* grouped by visit */
	unsigned run_count;
};

/* The plan as JSON (new reference) and back. plan_from_json checks types and ranges: the JSON may
 * have been damaged. */
json_t *plan_to_json(const struct plan *plan);
int plan_from_json(void *ctx, const json_t *json, struct plan **ret, struct err *err);

/* The words that the campaign language and the results use; never NULL. */
const char *hypervisor_name(enum hypervisor hypervisor); /* "none", "xen" */
const char *place_name(enum place place);                /* "host", "kvm", "xen" */
const char *guest_type_name(enum guest_type type);       /* "pv", "pvh", "hvm" */

/* Seconds that a run may take before it is killed. */
int64_t plan_run_seconds(const struct plan *plan, const struct run *run);

#endif

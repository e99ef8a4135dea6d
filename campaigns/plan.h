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
	ORDER_WRITTEN, /* in each block setups in the order of the campaign (the paper's) */
	ORDER_RANDOM,  /* setups shuffled by `seed`, anew for each block */
	ORDER_UNSAID,  /* only while a campaign is read: random with more than one block */
};

enum scheduler {
	SCHEDULER_DEFAULT, /* whichever Xen takes by itself */
	SCHEDULER_CREDIT,
	SCHEDULER_CREDIT2,
	SCHEDULER_RTDS,
	SCHEDULER_NULL,
};

enum policy {
	POLICY_DEFAULT, /* the threads are left as their program made them */
	POLICY_OTHER,   /* SCHED_OTHER */
	POLICY_FIFO,    /* SCHED_FIFO */
	POLICY_RR,      /* SCHED_RR */
};

enum load_place {
	LOAD_HOST,      /* on the host itself, or in dom0 */
	LOAD_GUEST,     /* in the guest that is measured */
	LOAD_NEIGHBOUR, /* in another guest of the same shape */
};

enum tool {
	TOOL_CYCLICTEST,
	TOOL_TIMERLAT, /* rtla timerlat hist */
};

enum recipe_base {
	RECIPE_GUEST, /* latcampaign's own small configuration; a bzImage, nothing is installed */
	RECIPE_HOST,  /* the running kernel's configuration; a package of the distribution's */
};

enum recipe_modules {
	RECIPE_MODULES_ALL,    /* as the running kernel's configuration says */
	RECIPE_MODULES_LOADED, /* only those that are loaded now: `make localmodconfig` */
};

/* How a kernel is built from source, by `latcampaign prepare`. */
struct recipe {
	char *name; /* what guest_kernel = and kernel = call it */
	enum recipe_base base;
	char *source;          /* absolute path of a tarball, a directory or a git tree, or the name
				  of a package that brings /usr/src/NAME.tar.xz */
	char *source_sha256;   /* of a tarball, asked for by the campaign; "" when it was not */
	char *commit;          /* of a git tree; "" = what is checked out */
	char **patches;        /* absolute paths, applied in this order; NULL-terminated */
	char **patches_sha256; /* as many, or none at all; NULL-terminated */
	char **options;        /* "CONFIG_NAME=y" and the like, beyond the base; NULL-terminated */
	bool rt;               /* CONFIG_PREEMPT_RT */
	enum recipe_modules modules; /* RECIPE_HOST only */
};

/* A kernel: what the campaign asked for and, after kernel_resolve(), what that is here. */
struct kernel {
	char *wanted;        /* "nrt", "rt" (newest installed), a recipe's name, a release, a
				pattern of releases such as "6.1.*-rt-*" (newest), or a path to an image */
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
	char **tuning; /* "KNOB=VALUE" (see knobs.h), profiles expanded; NULL-terminated */
	enum scheduler scheduler; /* Xen's, see xen-command-line: sched= */
	int64_t ratelimit_us;     /* Xen's sched_ratelimit_us=; -1 = its default */
	int dom0_vcpus;           /* Xen's dom0_max_vcpus=; 0 = its default */
	enum toggle dom0_pin;     /* Xen's dom0_vcpus_pin */
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

/* What a guest is made of beyond vCPUs and memory. Lists of CPUs are the host's, as in
 * "0-1,3"; "" means that nothing is pinned. */
struct shape {
	char **vcpu_cpus;        /* for each vCPU its list; NULL-terminated, empty = not pinned */
	char *emulator_cpus;     /* KVM: of QEMU's threads but the vCPUs' */
	enum policy vcpu_policy; /* KVM: of the vCPUs' threads */
	int vcpu_priority;       /* KVM: 1..99 with POLICY_FIFO and POLICY_RR, else 0 */
	enum toggle lock_memory; /* KVM: -overcommit mem-lock= */
	enum toggle cpu_pm;      /* KVM: -overcommit cpu-pm= */
	enum toggle hugepages;   /* KVM: memory from hugetlbfs */
	char *machine;           /* KVM: QEMU's machine type */
	char *pool_cpus;         /* Xen: the guest runs in a cpupool of its own, of these CPUs */
	enum scheduler pool_scheduler;          /* Xen: of that pool */
	int weight, cap;                        /* Xen: credit and credit2; 0 = default */
	int64_t rtds_period_us, rtds_budget_us; /* Xen: rtds; 0 = default */
	int neighbours; /* guests of the same shape beside the measured one */
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
	char *script_sha256; /* NULL until resolved, or without a script */
	struct shape shape;
	char **tuning; /* run-time knobs beyond the setup's; as setup.tuning */
	char **load;   /* names of loads (see loads/load.h), NULL-terminated; often empty */
	enum load_place load_place;
	enum tool tool;
	struct cyclictest cyclictest; /* whichever tool measures: its parameters */
	int repetitions;
};

struct run {
	unsigned setup;      /* index into plan.setups */
	unsigned experiment; /* index into plan.experiments */
	unsigned repetition; /* from 1; it counts on from block to block */
	enum place place;    /* resolved from the experiment and the setup */
	char *id; /* "SETUP.EXPERIMENT.REPETITION", unique, the result directory's name */
};

/* One boot into one setup with the runs to be made there. */
struct visit {
	unsigned setup;     /* index into plan.setups */
	unsigned block;     /* from 1; each block visits every setup once */
	unsigned first_run; /* the visit's runs are plan.runs[first_run .. first_run+run_count-1] */
	unsigned run_count;
};

/* IPMI's watchdog counts tenths of a second in 16 bits. */
#define LIMITS_BOOT_SECONDS_MAX 6553

struct limits {
	int boot_attempts; /* boots in a row that fail to reach one visit's setup */
	int run_attempts;  /* executions of one run */
	int boots;      /* boots in all; 0 in a campaign = worked out from the number of visits */
	int idle_boots; /* boots in a row without a new result; 0 = worked out likewise */
	int64_t boot_seconds;     /* from asking for a reboot to the runner's arrival: BMC */
	int64_t watchdog_seconds; /* that systemd may be silent in a visit; 0: not watched */
	int64_t guest_seconds;    /* for a guest to begin, and on top of a run's duration */
	int64_t wall_seconds;     /* for the whole campaign */
};

/* A figure: the curves of some experiments under some setups. */
struct figure {
	char *name;         /* of its files: figures/NAME.eps and so on */
	char *title;        /* may be "" */
	char **experiments; /* names, NULL-terminated, never empty */
	char **setups;      /* likewise */
};

/* What a threshold can be about, in the order of threshold_of_name(). */
enum threshold_of {
	THRESHOLD_P50,
	THRESHOLD_P90,
	THRESHOLD_P99,
	THRESHOLD_P99_9,
	THRESHOLD_P99_99,
	THRESHOLD_P99_999,
	THRESHOLD_MAX, /* the largest latency */
	THRESHOLD_COUNT,
};

/* What is expected of each run of some experiments under some setups. */
struct threshold {
	char *name;
	char **experiments;                  /* names, NULL-terminated, never empty */
	char **setups;                       /* likewise */
	int64_t at_most_us[THRESHOLD_COUNT]; /* 0 = nothing is expected; at least one is not 0 */
};

struct output {
	int64_t x_max_us; /* the figures' x axis ends here */
	int precision;    /* wished half width of intervals, in per cent of the median */
	char **formats;   /* of "eps" "pdf" "svg" "png", NULL-terminated */
};

struct plan {
	char *name;        /* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 characters */
	char *description; /* may be "" */
	char **overrides;  /* the --set arguments as given, NULL-terminated */
	char **includes;   /* absolute paths of the files that the campaign's file includes,
			      NULL-terminated; NULL in a plan that was frozen */
	bool imported;     /* measured by others: see imported.h for what is known */
	enum order order;
	int blocks;
	int64_t seed;
	struct limits limits;
	struct output output;
	struct setup *setups; /* talloc arrays; there may be no recipes, figures, thresholds */
	struct experiment *experiments;
	struct recipe *recipes;
	struct figure *figures;
	struct threshold *thresholds;
	struct visit *visits; /* in the order in which they are made */
	struct run *runs;     /* grouped by visit */
	unsigned setup_count;
	unsigned experiment_count;
	unsigned recipe_count;
	unsigned figure_count;
	unsigned threshold_count;
	unsigned visit_count;
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
const char *scheduler_name(enum scheduler scheduler);    /* "default", "credit2", ... */
const char *policy_name(enum policy policy);             /* "default", "fifo", ... */
const char *load_place_name(enum load_place place);      /* "host", "guest", "neighbour" */
const char *tool_name(enum tool tool);                   /* "cyclictest", "timerlat" */
const char *threshold_of_name(enum threshold_of of);     /* "p50", "p99.99", "max", ... */

/* Xen's command line as the setup asks for it: its own words, then those that its other keys make.
 * A talloc child of `ctx`. */
char *setup_hypervisor_cmdline(void *ctx, const struct setup *setup);

/* The recipe of this name; NULL when there is none. */
const struct recipe *plan_recipe(const struct plan *plan, const char *name);

bool experiment_runs_under(const struct experiment *experiment, const struct setup *setup);

/* Is the threshold about runs of this experiment under this setup? */
bool threshold_is_about(const struct threshold *threshold, const struct setup *setup,
	const struct experiment *experiment);

/* Seconds that a run may take before it is killed. */
int64_t plan_run_seconds(const struct plan *plan, const struct run *run);

/* The index of the visit to which run number `run` belongs. */
unsigned plan_visit(const struct plan *plan, unsigned run);

#endif

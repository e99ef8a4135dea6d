/* SPDX-License-Identifier: MIT */
#include "campaigns/knobs.h"

#include <string.h>
#include <talloc.h>

static const char *const switches[] = {"0", "1", NULL};
static const char *const thp[] = {"always", "madvise", "never", NULL};
static const char *const ksm[] = {"0", "1", "2", NULL};
static const char *const numa[] = {"0", "1", "2", "3", NULL};
static const char *const idle[] = {"poll", "halt", "nomwait", NULL};
static const char *const mitigations[] = {"off", "auto", "auto,nosmt", NULL};
static const char *const present[] = {"on", NULL};
static const char *const smt[] = {"on", "off", NULL};
static const char *const clocksources[] = {"tsc", "hpet", "acpi_pm", "kvm-clock", "xen", NULL};
static const char *const tsc[] = {"reliable", "nowatchdog", NULL};
static const char *const pstate[] = {"disable", "passive", "active", NULL};

#define CPU "sys/devices/system/cpu/"

/* A word without %s is there or not: its only value is "on". */
const struct knob knobs[] = {
	{.name = "isolcpus",
		.word = "isolcpus=%s",
		.meaning = "CPUs that the scheduler leaves alone",
		.told = CPU "isolated"},
	{.name = "nohz_full",
		.word = "nohz_full=%s",
		.meaning = "CPUs without a tick while one task runs",
		.told = CPU "nohz_full"},
	{.name = "rcu_nocbs", .word = "rcu_nocbs=%s", .meaning = "CPUs without RCU callbacks"},
	{.name = "rcu_nocb_poll",
		.word = "rcu_nocb_poll",
		.values = present,
		.meaning = "those CPUs wake no thread for their callbacks"},
	{.name = "irqaffinity",
		.word = "irqaffinity=%s",
		.meaning = "CPUs that take interrupts",
		.told = "proc/irq/default_smp_affinity"},
	{.name = "skew_tick",
		.word = "skew_tick=%s",
		.values = switches,
		.meaning = "1: ticks of the CPUs do not coincide"},
	{.name = "nosoftlockup",
		.word = "nosoftlockup",
		.values = present,
		.meaning = "no soft-lockup detector",
		.told = "proc/sys/kernel/soft_watchdog"},
	{.name = "nowatchdog",
		.word = "nowatchdog",
		.values = present,
		.meaning = "no lockup detectors",
		.told = "proc/sys/kernel/watchdog"},
	{.name = "nosmt",
		.word = "nosmt",
		.values = present,
		.meaning = "one thread for each core",
		.told = CPU "smt/active"},
	{.name = "threadirqs",
		.word = "threadirqs",
		.values = present,
		.meaning = "interrupt handlers as threads"},
	{.name = "idle",
		.word = "idle=%s",
		.values = idle,
		.meaning = "how an idle CPU waits",
		.told = CPU "cpuidle/current_driver"},
	{.name = "max_cstate",
		.word = "processor.max_cstate=%s intel_idle.max_cstate=%s",
		.meaning = "deepest C-state",
		.told = CPU "cpuidle/current_driver"},
	{.name = "intel_pstate",
		.word = "intel_pstate=%s",
		.values = pstate,
		.meaning = "Intel's own frequency driver",
		.told = CPU "intel_pstate/status"},
	{.name = "hugepages",
		.word = "hugepages=%s",
		.meaning = "huge pages, reserved at boot",
		.told = "proc/sys/vm/nr_hugepages",
		.told_same = true},
	{.name = "mitigations",
		.word = "mitigations=%s",
		.values = mitigations,
		.meaning = "of CPU vulnerabilities"},
	{.name = "clocksource",
		.word = "clocksource=%s",
		.values = clocksources,
		.meaning = "the kernel's time source",
		.told = "sys/devices/system/clocksource/clocksource0/current_clocksource",
		.told_same = true},
	{.name = "tsc",
		.word = "tsc=%s",
		.values = tsc,
		.meaning = "trust in the time stamp counter"},

	{.name = "governor",
		.file = CPU "cpu*/cpufreq/scaling_governor",
		.meaning = "cpufreq's governor, on every CPU"},
	{.name = "no_turbo",
		.file = CPU "intel_pstate/no_turbo",
		.values = switches,
		.meaning = "1: no turbo frequencies (intel_pstate)"},
	{.name = "boost",
		.file = CPU "cpufreq/boost",
		.values = switches,
		.meaning = "0: no turbo frequencies (acpi-cpufreq, amd)"},
	{.name = "thp",
		.file = "sys/kernel/mm/transparent_hugepage/enabled",
		.values = thp,
		.meaning = "transparent huge pages",
		.without = "never"},
	{.name = "ksm",
		.file = "sys/kernel/mm/ksm/run",
		.values = ksm,
		.meaning = "merging of same pages",
		.without = "0"},
	{.name = "smt", .file = CPU "smt/control", .values = smt, .meaning = "hyper-threading"},
	{.name = "dma_latency",
		.file = KNOB_DMA_LATENCY,
		.meaning = "microseconds that leaving an idle state may take; held open for the "
			   "run"},
	{.name = "rt_runtime",
		.file = "proc/sys/kernel/sched_rt_runtime_us",
		.meaning = "real-time throttling; -1: none"},
	{.name = "numa_balancing",
		.file = "proc/sys/kernel/numa_balancing",
		.values = numa,
		.meaning = "moving of pages",
		.without = "0"},
	{.name = "timer_migration",
		.file = "proc/sys/kernel/timer_migration",
		.values = switches,
		.meaning = "timers go to busy CPUs",
		.without = "0"},
	{.name = "stat_interval",
		.file = "proc/sys/vm/stat_interval",
		.meaning = "seconds between updates of memory statistics"},
	{.name = "watchdog",
		.file = "proc/sys/kernel/watchdog",
		.values = switches,
		.meaning = "lockup detectors",
		.without = "0"},
	{.name = "workqueue_cpumask",
		.file = "sys/devices/virtual/workqueue/cpumask",
		.meaning = "CPUs of unbound workqueues, as a mask"},
	{.name = "tracing",
		.file = "sys/kernel/tracing/tracing_on",
		.values = switches,
		.meaning = "ftrace's ring buffer",
		.without = "0"},
	{.name = "halt_poll_ns",
		.file = "sys/module/kvm/parameters/halt_poll_ns",
		.meaning = "how long KVM polls before a vCPU sleeps"},
	{.name = NULL},
};

const char *knob_value(const char *setting)
{
	const char *equals = strchr(setting, '=');

	return equals ? equals + 1 : "";
}

const struct knob *knob_find(const char *setting)
{
	size_t size = strcspn(setting, "=");

	for (const struct knob *knob = knobs; knob->name; knob++)
		if (strlen(knob->name) == size && strncmp(knob->name, setting, size) == 0)
			return knob;
	return NULL;
}

/* What needs the machine's CPU numbers is no part of a profile. */
const char *const *knob_profile(const char *name)
{
	static const char *const quiet[] = {"thp=never", "ksm=0", "numa_balancing=0",
		"timer_migration=0", "stat_interval=10", "watchdog=0", NULL};
	static const char *const latency[] = {"skew_tick=1", "nosoftlockup=on", "thp=never",
		"ksm=0", "numa_balancing=0", "timer_migration=0", "stat_interval=10", "watchdog=0",
		"rt_runtime=-1", "dma_latency=0", "governor=performance", NULL};

	if (strcmp(name, "quiet") == 0)
		return quiet;
	return strcmp(name, "latency") == 0 ? latency : NULL;
}

/* Every %s of the word becomes the value. */
static char *add_word(char *words, const char *word, const char *value)
{
	if (*words)
		words = talloc_strdup_append(words, " ");
	for (const char *at; (at = strstr(word, "%s")); word = at + 2)
		words = talloc_asprintf_append(words, "%.*s%s", (int)(at - word), word, value);
	return talloc_strdup_append(words, word);
}

char *knobs_cmdline(void *ctx, char *const *tuning)
{
	char *words = talloc_strdup(ctx, "");

	for (; *tuning; tuning++) {
		const struct knob *knob = knob_find(*tuning);
		if (knob && knob->word)
			words = add_word(words, knob->word, knob_value(*tuning));
	}
	return words;
}

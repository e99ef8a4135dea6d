/* SPDX-License-Identifier: MIT */
/*
 * A machine that is a directory, with all that evidence/ reads.
 */
#ifndef TESTS_UNIT_EVIDENCE_H
#define TESTS_UNIT_EVIDENCE_H

#include "tests/unit/unit.h"

#define CPU "sys/devices/system/cpu/"

static inline void put_cpu(struct scratch *s, unsigned cpu, unsigned package, unsigned core)
{
	char *folder = talloc_asprintf(s->ctx, CPU "cpu%u", cpu);
	const struct {
		const char *file, *text;
	} files[] = {
		{"topology/physical_package_id", talloc_asprintf(s->ctx, "%u\n", package)},
		{"topology/core_id", talloc_asprintf(s->ctx, "%u\n", core)},
		{"cpufreq/scaling_driver", "intel_pstate\n"},
		{"cpufreq/scaling_governor", "performance\n"},
		{"cpufreq/scaling_min_freq", "800000\n"},
		{"cpufreq/scaling_max_freq", "3500000\n"},
		{"cpufreq/cpuinfo_min_freq", "800000\n"},
		{"cpufreq/cpuinfo_max_freq", "3500000\n"},
		{"cpufreq/energy_performance_preference", "performance\n"},
		{"cpuidle/state0/name", "POLL\n"},
		{"cpuidle/state0/latency", "0\n"},
		{"cpuidle/state0/disable", "0\n"},
		{"cpuidle/state1/name", "C6\n"},
		{"cpuidle/state1/latency", "133\n"},
		{"cpuidle/state1/disable", "1\n"},
		{"thermal_throttle/core_throttle_count", "3\n"},
		{"thermal_throttle/core_power_limit_count", "5\n"},
		{"thermal_throttle/core_throttle_max_time_ms", "9\n"},
	};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		scratch_file(
			s, talloc_asprintf(s->ctx, "%s/%s", folder, files[i].file), files[i].text);
}

/* Two sockets of two cores; the last of them has two threads. */
static inline void put_processors(struct scratch *s)
{
	put_cpu(s, 0, 0, 0);
	put_cpu(s, 1, 0, 1);
	put_cpu(s, 2, 1, 0);
	put_cpu(s, 3, 1, 1);
	put_cpu(s, 10, 1, 1);
	scratch_file(s, "sys/devices/system/node/node0/x", "");
	scratch_file(s, "sys/devices/system/node/node1/x", "");
	scratch_file(s, "sys/devices/system/node/online", "0-1\n");
	scratch_file(s, "proc/cpuinfo",
		"processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\n"
		"model name\t: Intel(R) Xeon(R) Gold\nstepping\t: 7\nmicrocode\t: 0x5003605\n"
		"flags\t\t: fpu hypervisors vme\n\nprocessor\t: 1\nmodel name\t: another\n");
}

static inline void put_machine(struct scratch *s)
{
	put_processors(s);
	scratch_file(s, "proc/meminfo", "MemTotal:       65536 kB\nMemFree: 1 kB\n");
	scratch_file(s, "sys/class/dmi/id/sys_vendor", "Dell Inc.\n");
	scratch_file(s, "sys/class/dmi/id/product_name", "PowerEdge\n");
	scratch_file(s, "sys/class/dmi/id/board_name", "0X\n");
	scratch_file(s, "sys/class/dmi/id/bios_vendor", "Dell Inc.\n");
	scratch_file(s, "sys/class/dmi/id/bios_version", "2.1\n");
	scratch_file(s, "sys/class/dmi/id/bios_date", "01/02/2023\n");
	scratch_file(s, CPU "intel_pstate/status", "active\n");
	scratch_file(s, CPU "intel_pstate/no_turbo", "1\n");
	scratch_file(s, CPU "cpufreq/boost", "0\n");
	scratch_file(s, CPU "cpuidle/current_driver", "intel_idle\n");
	scratch_file(s, CPU "cpuidle/current_governor_ro", "menu\n");
	scratch_file(s, CPU "online", "0-3,10\n");
	scratch_file(s, CPU "isolated", "2-3\n");
	scratch_file(s, CPU "nohz_full", "  (null)\n");
	scratch_file(s, CPU "smt/active", "1\n");
	scratch_file(s, CPU "vulnerabilities/meltdown", "Mitigation: PTI\n");
	scratch_file(s, "sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n");
	scratch_file(s, "sys/devices/system/clocksource/clocksource0/available_clocksource",
		"tsc hpet acpi_pm \n");
}

static inline void put_interrupts(struct scratch *s, unsigned timer, unsigned errors)
{
	scratch_file(s, "proc/interrupts",
		talloc_asprintf(s->ctx,
			"           CPU0       CPU1\n"
			"  0:         41          0   IO-APIC   2-edge      timer\n"
			"LOC:   %8u         10   Local timer interrupts\n"
			"ERR:   %8u\n",
			timer, errors));
}

static inline void put_stat(struct scratch *s, unsigned switches, unsigned steal)
{
	scratch_file(s, "proc/stat",
		talloc_asprintf(s->ctx,
			"cpu  1 2 3 4 5 6 7 %u 9 10\ncpu0 1 2 3 4 5 6 7 77 9 10\nctxt %u\n", steal,
			switches));
}

/* An MSR is eight bytes at its number; the upper half of this one is not defined. */
static inline void put_smi_count(struct scratch *s, uint32_t count)
{
	const uint32_t value[] = {count, 0xabcdef};

	assert_int_equal(directory_make(s->fd, "dev/cpu/0", NULL), 0);
	int fd = openat(s->fd, "dev/cpu/0/msr", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(pwrite(fd, value, sizeof(value), 0x34), sizeof(value));
	close(fd);
}

static inline void put_environment(struct scratch *s)
{
	put_machine(s);
	put_interrupts(s, 100, 0);
	put_stat(s, 1000, 200);
	put_smi_count(s, 0xfffffffe);
	scratch_file(s, "sys/class/thermal/thermal_zone0/type", "x86_pkg_temp\n");
	scratch_file(s, "sys/class/thermal/thermal_zone0/temp", "45500\n");
	scratch_file(s, "sys/class/thermal/cooling_device0/temp", "1\n");
	scratch_file(s, "sys/class/hwmon/hwmon1/name", "coretemp\n");
	scratch_file(s, "sys/class/hwmon/hwmon1/temp1_input", "46000\n");
	scratch_file(s, "sys/class/hwmon/hwmon1/temp1_label", "Package id 0\n");
	scratch_file(s, "sys/class/hwmon/hwmon1/temp2_input", "nothing\n");
	scratch_file(s, "sys/class/hwmon/hwmon1/fan1_input", "900\n");
	scratch_file(s, "dev/kmsg", "3,1,2,-;an old error\n");
}

#endif

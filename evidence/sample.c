/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "evidence/cpus.h"
#include "evidence/environment.h"
#include "evidence/parse.h"
#include "evidence/reading.h"

#define PROC_LIMIT ((size_t)64 << 20) /* an interrupt's line has a column for each CPU */
#define CLOCKSOURCE "sys/devices/system/clocksource/clocksource0/current_clocksource"
#define MSR "dev/cpu/0/msr"
#define MSR_SMI_COUNT 0x34 /* Intel SDM, volume 4: MSR_SMI_COUNT, bits 31:0 */

/* --- temperatures ------------------------------------------------------------------------- */

/* A sensor that tells nothing just now is left out. */
static void add_temperature(json_t *all, int root, const char *path, const char *name)
{
	json_int_t millidegrees;

	if (read_integer(root, path, &millidegrees, NULL) == 0)
		json_array_append_new(all, json_pack("{s:s, s:s, s:f}", "path", path, "name", name,
						   "celsius", (double)millidegrees / 1000));
}

static void add_zones(json_t *all, int root)
{
	char **names;

	if (directory_list(NULL, root, "sys/class/thermal", &names, NULL) < 0)
		return;
	for (char **name = names; *name; name++) {
		char *folder = talloc_asprintf(names, "sys/class/thermal/%s", *name), *type = *name;
		if (strncmp(*name, "thermal_zone", 12) != 0)
			continue;
		read_text(names, root, talloc_asprintf(names, "%s/type", folder), &type, NULL);
		add_temperature(all, root, talloc_asprintf(names, "%s/temp", folder), type);
	}
	talloc_free(names);
}

/* "coretemp Package id 0", or "coretemp temp1" where the sensor has no label. */
static void add_sensor(
	json_t *all, int root, const char *folder, const char *chip, const char *file)
{
	void *ctx = talloc_new(NULL);
	char *sensor = talloc_strndup(ctx, file, strlen(file) - strlen("_input"));
	char *label = sensor;

	read_text(ctx, root, talloc_asprintf(ctx, "%s/%s_label", folder, sensor), &label, NULL);
	add_temperature(all, root, talloc_asprintf(ctx, "%s/%s", folder, file),
		talloc_asprintf(ctx, "%s %s", chip, label));
	talloc_free(ctx);
}

static bool ends_in(const char *name, const char *end)
{
	size_t size = strlen(name), tail = strlen(end);

	return size > tail && strcmp(name + size - tail, end) == 0;
}

static void add_chip(json_t *all, int root, const char *folder)
{
	char **files, *chip;

	if (directory_list(NULL, root, folder, &files, NULL) < 0)
		return;
	if (read_text(files, root, talloc_asprintf(files, "%s/name", folder), &chip, NULL) == 0)
		for (char **file = files; *file; file++)
			if (strncmp(*file, "temp", 4) == 0 && ends_in(*file, "_input"))
				add_sensor(all, root, folder, chip, *file);
	talloc_free(files);
}

static void add_chips(json_t *all, int root)
{
	char **names;

	if (directory_list(NULL, root, "sys/class/hwmon", &names, NULL) < 0)
		return;
	for (char **name = names; *name; name++)
		add_chip(all, root, talloc_asprintf(names, "sys/class/hwmon/%s", *name));
	talloc_free(names);
}

static void read_temperatures(struct reading *sample)
{
	json_t *all = json_array();

	add_zones(all, sample->root);
	add_chips(all, sample->root);
	if (json_array_size(all) > 0) {
		json_object_set_new(sample->json, "temperatures", all);
		return;
	}
	json_decref(all);
	reading_null(sample, "temperatures",
		"no sensor in sys/class/thermal and sys/class/hwmon tells a temperature");
}

/* --- throttling --------------------------------------------------------------------------- */

static void add_counts(json_t *counts, int root, unsigned cpu)
{
	char **files, *folder = talloc_asprintf(
			      NULL, "sys/devices/system/cpu/cpu%u/thermal_throttle", cpu);
	json_int_t count;

	if (directory_list(folder, root, folder, &files, NULL) == 0)
		for (char **file = files; *file; file++)
			if (ends_in(*file, "_count") &&
				read_integer(root, talloc_asprintf(folder, "%s/%s", folder, *file),
					&count, NULL) == 0)
				json_object_set_new(counts, *file,
					json_integer(
						json_integer_value(json_object_get(counts, *file)) +
						count));
	talloc_free(folder);
}

static void read_throttling(struct reading *sample)
{
	json_t *counts = json_object();
	unsigned count;
	unsigned *cpus = cpu_numbers(NULL, sample->root, &count);

	for (unsigned i = 0; i < count; i++)
		add_counts(counts, sample->root, cpus[i]);
	talloc_free(cpus);
	if (json_object_size(counts) > 0) {
		json_object_set_new(sample->json, "throttle_count", counts);
		return;
	}
	json_decref(counts);
	reading_null(sample, "throttle_count",
		"sys/devices/system/cpu/cpu*/thermal_throttle: this kernel and processor count none");
}

/* --- counters of the kernel ---------------------------------------------------------------- */

static void take_stat(struct reading *sample, const char *text)
{
	uint64_t switches, steal;

	if (parse_stat(text, "ctxt", 1, &switches))
		json_object_set_new(sample->json, "context_switches",
			json_integer((json_int_t)(switches & INT64_MAX)));
	else
		reading_null(sample, "context_switches", "proc/stat: has no \"ctxt\"");
	if (parse_stat(text, "cpu", PARSE_STAT_STEAL, &steal))
		json_object_set_new(sample->json, "steal_s",
			json_real((double)steal / (double)sysconf(_SC_CLK_TCK)));
	else
		reading_null(sample, "steal_s", "proc/stat: tells no steal time");
}

static void read_stat(struct reading *sample)
{
	char *text = talloc_strdup(NULL, ""), *read = text;

	file_read(text, sample->root, "proc/stat", PROC_LIMIT, &read, NULL, NULL);
	take_stat(sample, read);
	talloc_free(text);
}

static void read_interrupts(struct reading *sample)
{
	struct err why;
	char *text;

	if (file_read(NULL, sample->root, "proc/interrupts", PROC_LIMIT, &text, NULL, &why) < 0) {
		reading_null(sample, "interrupts", "%s", why.text);
		return;
	}
	json_object_set_new(sample->json, "interrupts", parse_interrupts(text));
	talloc_free(text);
}

/* An SMI stops all CPUs, so that one of them tells. */
static void read_smi(struct reading *sample)
{
	autoclose int fd = openat(sample->root, MSR, O_RDONLY | O_CLOEXEC);
	uint64_t value = 0;

	if (fd < 0)
		reading_null(sample, "smi_count", MSR ": cannot be opened: %s%s", strerror(errno),
			errno == ENOENT ? "; it takes the module msr"
					: "; latcampaign.service has no CAP_SYS_RAWIO");
	else if (pread(fd, &value, sizeof(value), MSR_SMI_COUNT) != sizeof(value))
		reading_null(sample, "smi_count",
			MSR ": this processor has no MSR 0x34 (Intel's "
			    "MSR_SMI_COUNT)");
	else
		json_object_set_new(
			sample->json, "smi_count", json_integer((json_int_t)(value & UINT32_MAX)));
}

json_t *environment_sample(int root)
{
	struct reading sample = reading_begin(root);

	read_temperatures(&sample);
	read_throttling(&sample);
	read_smi(&sample);
	reading_text(&sample, "clocksource", CLOCKSOURCE);
	read_interrupts(&sample);
	read_stat(&sample);
	return sample.json;
}

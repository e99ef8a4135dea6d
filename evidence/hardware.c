/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "evidence/cpus.h"
#include "evidence/host.h"
#include "evidence/parse.h"
#include "evidence/reading.h"

#define INFO_LIMIT ((size_t)16 << 20) /* some KiB for each of some thousand CPUs */
#define DMI "sys/class/dmi/id/"

/* --- the processor ------------------------------------------------------------------------ */

static void take_info(struct reading *cpu, const char *text, const char *member, const char *key)
{
	char *value = parse_info(NULL, text, key);

	if (value)
		json_object_set_new(cpu->json, member, json_string(value));
	else
		reading_null(cpu, member, "proc/cpuinfo: has no \"%s\"", key);
	talloc_free(value);
}

/* What a hypervisor runs on top of has this flag: dom0, and a host that is a guest itself. */
static void take_virtual(struct reading *cpu, const char *text)
{
	char *flags = parse_info(NULL, text, "flags");

	if (flags)
		json_object_set_new(
			cpu->json, "virtual", json_boolean(parse_has_word(flags, "hypervisor")));
	else
		reading_null(cpu, "virtual", "proc/cpuinfo: has no \"flags\"");
	talloc_free(flags);
}

static json_t *read_cpu(int root)
{
	static const char *const members[][2] = {{"vendor", "vendor_id"}, {"model", "model name"},
		{"family", "cpu family"}, {"model_number", "model"}, {"stepping", "stepping"},
		{"microcode", "microcode"}};
	struct reading cpu = reading_begin(root);
	void *ctx = talloc_new(NULL);
	char *text = talloc_strdup(ctx, "");

	/* One that cannot be read has none of them, and the reasons say so. */
	file_read(ctx, root, "proc/cpuinfo", INFO_LIMIT, &text, NULL, NULL);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		take_info(&cpu, text, members[i][0], members[i][1]);
	take_virtual(&cpu, text);
	talloc_free(ctx);
	return cpu.json;
}

/* --- topology ----------------------------------------------------------------------------- */

/* How many there are of each, as Linux's topology of CPUs that are online tells. */
struct topology {
	json_t *sockets, *cores; /* sets: objects whose keys count */
	unsigned threads;
};

static void count_cpu(struct topology *topology, int root, unsigned cpu)
{
	void *ctx = talloc_new(NULL);
	char *folder = talloc_asprintf(ctx, "sys/devices/system/cpu/cpu%u/topology", cpu);
	json_int_t package, core;

	if (read_integer(root, talloc_asprintf(ctx, "%s/physical_package_id", folder), &package,
		    NULL) == 0 &&
		read_integer(root, talloc_asprintf(ctx, "%s/core_id", folder), &core, NULL) == 0) {
		char *socket = talloc_asprintf(ctx, "%lld", (long long)package);
		json_object_set_new(topology->sockets, socket, json_true());
		json_object_set_new(topology->cores,
			talloc_asprintf(ctx, "%s/%lld", socket, (long long)core), json_true());
		topology->threads++;
	}
	talloc_free(ctx);
}

static void count_nodes(struct reading *reading)
{
	struct err why;
	char **names;
	json_int_t nodes = 0;

	if (directory_list(NULL, reading->root, "sys/devices/system/node", &names, &why) < 0) {
		reading_null(reading, "numa_nodes", "%s", why.text);
		return;
	}
	for (char **name = names; *name; name++)
		nodes += strncmp(*name, "node", 4) == 0 && strspn(*name + 4, "0123456789") > 0;
	json_object_set_new(reading->json, "numa_nodes", json_integer(nodes));
	talloc_free(names);
}

static json_t *read_topology(int root)
{
	struct reading reading = reading_begin(root);
	struct topology topology = {json_object(), json_object(), 0};
	unsigned count;
	unsigned *cpus = cpu_numbers(NULL, root, &count);

	for (unsigned i = 0; i < count; i++)
		count_cpu(&topology, root, cpus[i]);
	const struct {
		const char *member;
		json_int_t count;
	} members[] = {{"sockets", (json_int_t)json_object_size(topology.sockets)},
		{"cores", (json_int_t)json_object_size(topology.cores)},
		{"threads", topology.threads}};
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (topology.threads > 0)
			json_object_set_new(
				reading.json, members[i].member, json_integer(members[i].count));
		else
			reading_null(&reading, members[i].member,
				"sys/devices/system/cpu: no CPU tells its topology");
	count_nodes(&reading);
	json_decref(topology.sockets);
	json_decref(topology.cores);
	talloc_free(cpus);
	return reading.json;
}

/* --- the rest ----------------------------------------------------------------------------- */

static json_t *read_firmware(int root)
{
	struct reading dmi = reading_begin(root);

	reading_text(&dmi, "vendor", DMI "sys_vendor");
	reading_text(&dmi, "product", DMI "product_name");
	reading_text(&dmi, "board", DMI "board_name");
	reading_text(&dmi, "bios_vendor", DMI "bios_vendor");
	reading_text(&dmi, "bios_version", DMI "bios_version");
	reading_text(&dmi, "bios_date", DMI "bios_date");
	return dmi.json;
}

static void read_memory(struct reading *hardware)
{
	struct err why = {"proc/meminfo: has no \"MemTotal\""};
	void *ctx = talloc_new(NULL);
	char *text = NULL, *total = NULL;

	if (file_read(ctx, hardware->root, "proc/meminfo", INFO_LIMIT, &text, NULL, &why) == 0)
		total = parse_info(ctx, text, "MemTotal");
	if (total)
		json_object_set_new(
			hardware->json, "memory_kib", json_integer(strtoll(total, NULL, 10)));
	else
		reading_null(hardware, "memory_kib", "%s", why.text);
	talloc_free(ctx);
}

json_t *host_hardware(int root)
{
	struct reading hardware = reading_begin(root);

	json_object_set_new(hardware.json, "cpu", read_cpu(root));
	json_object_set_new(hardware.json, "topology", read_topology(root));
	json_object_set_new(hardware.json, "dmi", read_firmware(root));
	read_memory(&hardware);
	return hardware.json;
}

/* SPDX-License-Identifier: MIT */
#include "evidence/binaries.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/digest.h"
#include "base/programs.h"
#include "base/spawn.h"
#include "evidence/reading.h"

#define SELF "/proc/self/exe"
#define VERSION_SECONDS 10

/* How a program tells its version: in the first words that it prints then. */
static const struct asking {
	const char *program, *option;
} askings[] = {
	{"cyclictest", "--help"},
	{"rtla", "--help"},
	{"qemu-system-x86_64", "--version"},
	{"busybox", "--help"},
	{"stress-ng", "--version"},
};
#define ASKING_COUNT (sizeof(askings) / sizeof(*askings))

/* A version that was asked for; it holds for the file with this digest. */
struct version {
	char sha256[DIGEST_HEX + 1];
	char *words; /* NULL: it did not tell, `why` */
	struct err why;
};

struct binaries {
	struct digests *digests;
	struct version versions[ASKING_COUNT];
};

struct binaries *binaries_new(void *ctx, struct digests *digests)
{
	struct binaries *binaries = talloc_zero(ctx, struct binaries);

	binaries->digests = digests;
	return binaries;
}

static struct reading begin(int root, const char *name)
{
	struct reading reading = reading_begin(root);

	json_object_set_new(reading.json, "name", json_string(name));
	return reading;
}

/* Returns the digest, NULL without one. */
static const char *take_digest(
	struct binaries *binaries, int root, const char *path, struct reading *reading)
{
	const char *sha256 = NULL;
	struct err err;

	if (digests_read(binaries->digests, root, path, &sha256, &err) == 0)
		json_object_set_new(reading->json, "sha256", json_string(sha256));
	else
		reading_null(reading, "sha256", "%s", err.text);
	return sha256;
}

static void take_version(struct reading *reading, const char *version)
{
	json_t *words = version ? json_string(version) : NULL;

	if (words)
		json_object_set_new(reading->json, "version", words);
	else
		reading_null(reading, "version",
			"how it would tell its version is not known; its SHA-256 tells which it is");
}

/* --- what runs ---------------------------------------------------------------------------- */

json_t *binaries_self(struct binaries *binaries)
{
	struct reading reading = begin(AT_FDCWD, "latcampaign");
	char path[PATH_MAX];
	ssize_t size = readlink(SELF, path, sizeof(path) - 1);
	json_t *words = size > 0 ? json_stringn(path, (size_t)size) : NULL;

	if (words)
		json_object_set_new(reading.json, "path", words);
	else
		reading_null(&reading, "path", SELF ": cannot be read");
	take_digest(binaries, AT_FDCWD, SELF, &reading);
	take_version(&reading, VERSION);
	return reading.json;
}

/* --- programs ----------------------------------------------------------------------------- */

static char *first_words(void *ctx, const char *output)
{
	output += strspn(output, " \t\r\n");
	return talloc_strndup(ctx, output, strcspn(output, "\r\n"));
}

static void ask(struct binaries *binaries, const struct asking *asking, struct version *version)
{
	const char *const argv[] = {asking->program, asking->option, NULL};
	char *output;

	TALLOC_FREE(version->words);
	if (spawn_read(NULL, argv, VERSION_SECONDS, &output, &version->why) < 0)
		return;
	version->words = first_words(binaries, output);
	talloc_free(output);
}

static void ask_version(
	struct binaries *binaries, const char *name, const char *sha256, struct reading *reading)
{
	for (size_t i = 0; i < ASKING_COUNT; i++) {
		struct version *version = &binaries->versions[i];
		if (strcmp(askings[i].program, name) != 0)
			continue;
		if (strcmp(version->sha256, sha256) != 0) {
			ask(binaries, &askings[i], version);
			memcpy(version->sha256, sha256, sizeof(version->sha256));
		}
		if (!version->words) {
			reading_null(reading, "version", "%s", version->why.text);
			return;
		}
		take_version(reading, version->words);
		return;
	}
	take_version(reading, NULL);
}

json_t *binaries_program(struct binaries *binaries, int root, const char *name)
{
	struct reading reading = begin(root, name);
	char *path = program_path(NULL, root, name);
	const char *sha256 = NULL;

	if (path) {
		json_object_set_new(reading.json, "path", json_string(path));
		sha256 = take_digest(binaries, root, path, &reading);
	} else {
		reading_null(&reading, "path", "%s: is in none of the folders of programs", name);
		reading_null(&reading, "sha256", "%s: is not there", name);
	}
	if (sha256)
		ask_version(binaries, name, sha256, &reading);
	else
		reading_null(&reading, "version", "%s: is not there or cannot be read", name);
	talloc_free(path);
	return reading.json;
}

/* --- images ------------------------------------------------------------------------------- */

json_t *binaries_image(struct binaries *binaries, int root, const char *name, const char *path,
	const char *version)
{
	struct reading reading = begin(root, name);

	json_object_set_new(reading.json, "path", json_string(path));
	take_digest(binaries, root, path, &reading);
	take_version(&reading, version);
	return reading.json;
}

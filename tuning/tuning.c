/* SPDX-License-Identifier: MIT */
#include "tuning/tuning.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "base/files.h"
#include "campaigns/knobs.h"
#include "tuning/restore.h"
#include "tuning/value.h"

/* One file of a knob. */
struct turn {
	const struct knob *knob;
	const char *asked;
	char *path;
	char *was;
};

struct tuning {
	int root, campaign;
	int dma_latency;    /* -1 unless held open */
	struct turn *turns; /* talloc array, in the order in which they are set */
	unsigned count;
};

/* --- what is asked ----------------------------------------------------------------------- */

static int add_turn(struct tuning *tuning, const struct knob *knob, const char *asked,
	const char *path, struct err *err)
{
	struct turn turn = {knob, asked, talloc_strdup(tuning, path), NULL};
	int r = value_read(tuning, tuning->root, path, &turn.was, err);

	if (r < 0)
		return r;
	tuning->turns = talloc_realloc(tuning, tuning->turns, struct turn, tuning->count + 1);
	tuning->turns[tuning->count++] = turn;
	return 0;
}

/* "cpu*" is cpu0, cpu1, ...: every one that has the file. */
static int add_every(
	struct tuning *tuning, const struct knob *knob, const char *asked, struct err *err)
{
	const char *star = strchr(knob->file, '*'), *slash = star;
	char **names;

	while (slash[-1] != '/')
		slash--;
	char *folder = talloc_strndup(tuning, knob->file, (size_t)(slash - knob->file - 1));
	int r = directory_list(folder, tuning->root, folder, &names, err);
	for (char **name = names; r == 0 && *name; name++) {
		size_t prefix = (size_t)(star - slash);
		char *path = talloc_asprintf(folder, "%s/%s%s", folder, *name, star + 1);
		if (strncmp(*name, slash, prefix) == 0 && (*name)[prefix] >= '0' &&
			(*name)[prefix] <= '9' && file_exists(tuning->root, path))
			r = add_turn(tuning, knob, asked, path, err);
	}
	return r;
}

static int complain_missing(const struct tuning *tuning, const struct knob *knob, struct err *err)
{
	bool governor_of_xen = strcmp(knob->name, "governor") == 0 &&
			       file_exists(tuning->root, "sys/hypervisor/type");

	return err_set(err, -ENOENT, "tuning %s: there is no /%s on this machine%s", knob->name,
		knob->file,
		governor_of_xen ? "; under Xen the hypervisor sets frequencies: say "
				  "hypervisor_cmdline = \"cpufreq=xen:performance\""
				: "; its kernel or processor cannot do that, so take the knob out");
}

static json_t *entry(const struct knob *knob, const char *asked, const char *path, const char *was,
	const char *found)
{
	char *absolute = talloc_asprintf(NULL, "/%s", path);
	json_t *json = json_pack("{s:s, s:s, s:s, s:s?, s:s?}", "knob", knob->name, "asked", asked,
		"path", absolute, "was", was, "found", found);

	talloc_free(absolute);
	return json;
}

static int add_knob(struct tuning *tuning, const struct knob *knob, const char *asked,
	json_t *found, struct err *err)
{
	unsigned before = tuning->count;
	int r = 0;

	if (strcmp(knob->file, KNOB_DMA_LATENCY) == 0)
		return 0; /* see hold() */
	if (strchr(knob->file, '*'))
		r = add_every(tuning, knob, asked, err);
	else if (file_exists(tuning->root, knob->file))
		r = add_turn(tuning, knob, asked, knob->file, err);
	if (r < 0 || tuning->count > before)
		return r;
	if (!knob->without || !value_same(asked, knob->without))
		return complain_missing(tuning, knob, err);
	json_array_append_new(found, entry(knob, asked, knob->file, NULL, NULL));
	return 0;
}

/* Does a later setting speak of the same knob? */
static bool overruled(const char *setting, char *const *by)
{
	for (; *by; by++)
		if (knob_find(*by) == knob_find(setting))
			return true;
	return false;
}

/* --- turning ----------------------------------------------------------------------------- */

static int complain_other(const char *path, const char *asked, const char *found, struct err *err)
{
	return err_set(err, -EIO, "/%s: asked \"%s\", found \"%s\"", path, asked, found);
}

/* Of governors the kernel tells which there are. */
static int complain_refused(
	struct tuning *tuning, const struct turn *turn, int code, struct err *err)
{
	char *known, *refused = talloc_strdup(tuning, err ? err->text : "");
	char *path = talloc_asprintf(tuning, "%.*s/scaling_available_governors",
		(int)(strrchr(turn->path, '/') - turn->path), turn->path);

	if (file_read_line(tuning, tuning->root, path, &known, NULL) < 0)
		return code;
	return err_set(err, code, "%s; it knows %s", refused, known);
}

static int turn(struct tuning *tuning, const struct turn *turn, json_t *found, struct err *err)
{
	char *value = NULL;
	/* A machine without hyper-threading has it off, and refuses to hear of it. */
	bool fulfilled = value_same(turn->asked, turn->was) ||
			 (strcmp(turn->asked, "off") == 0 && strncmp(turn->was, "not", 3) == 0);
	int r = fulfilled ? 0 : value_write(tuning->root, turn->path, turn->asked, err);

	if (r < 0)
		return complain_refused(tuning, turn, r, err);
	r = value_read(tuning, tuning->root, turn->path, &value, err);
	json_array_append_new(found, entry(turn->knob, turn->asked, turn->path, turn->was, value));
	if (r == 0 && !fulfilled && !value_same(turn->asked, value))
		r = complain_other(turn->path, turn->asked, value, err);
	return r;
}

/* The device holds a 32-bit number for as long as it is open, and tells the least of all. */
static int hold(struct tuning *tuning, const struct knob *knob, const char *asked, json_t *found,
	struct err *err)
{
	int32_t value = (int32_t)strtol(asked, NULL, 10), told = -1;
	int fd = openat(tuning->root, knob->file, O_RDWR | O_CLOEXEC);
	char *text;

	if (fd < 0)
		return err_set(
			err, -errno, "/%s: cannot be opened: %s", knob->file, strerror(errno));
	tuning->dma_latency = fd;
	if (write(fd, &value, sizeof(value)) != sizeof(value) ||
		pread(fd, &told, sizeof(told), 0) != sizeof(told))
		return err_set(err, -errno, "/%s: does not take %d: %s", knob->file, value,
			strerror(errno));
	text = talloc_asprintf(tuning, "%d", told);
	json_array_append_new(found, entry(knob, asked, knob->file, NULL, text));
	return told == value ? 0 : complain_other(knob->file, asked, text, err);
}

/* What came of a knob of the boot. */
static int read_told(struct tuning *tuning, const struct knob *knob, const char *asked,
	json_t *found, struct err *err)
{
	char *value = NULL;
	bool is_there = value_read(tuning, tuning->root, knob->told, &value, NULL) == 0;

	json_array_append_new(found, entry(knob, asked, knob->told, NULL, value));
	if (!knob->told_same || (is_there && value_same(asked, value)))
		return 0;
	return complain_other(knob->told, asked, is_there ? value : "no such file", err);
}

typedef int visit_setting(struct tuning *tuning, const struct knob *knob, const char *asked,
	json_t *found, struct err *err);

static int visit_held(struct tuning *tuning, const struct knob *knob, const char *asked,
	json_t *found, struct err *err)
{
	if (knob->file && strcmp(knob->file, KNOB_DMA_LATENCY) == 0)
		return hold(tuning, knob, asked, found, err);
	return knob->told ? read_told(tuning, knob, asked, found, err) : 0;
}

static int visit_files(struct tuning *tuning, const struct knob *knob, const char *asked,
	json_t *found, struct err *err)
{
	return knob->file ? add_knob(tuning, knob, asked, found, err) : 0;
}

/* Calls the visitor for each setting of setup and experiment. */
static int visit(struct tuning *tuning, const struct setup *setup,
	const struct experiment *experiment, visit_setting *visitor, json_t *found, struct err *err)
{
	int r = 0;

	for (char **setting = setup->tuning; r == 0 && *setting; setting++)
		if (!overruled(*setting, experiment->tuning))
			r = visitor(tuning, knob_find(*setting), knob_value(*setting), found, err);
	for (char **setting = experiment->tuning; r == 0 && *setting; setting++)
		r = visitor(tuning, knob_find(*setting), knob_value(*setting), found, err);
	return r;
}

static int write_ahead(const struct tuning *tuning, struct err *err)
{
	json_t *changes = json_array();

	for (unsigned i = 0; i < tuning->count; i++)
		json_array_append_new(
			changes, json_pack("{s:s, s:s}", "path", tuning->turns[i].path, "was",
					 tuning->turns[i].was));
	int r = tuning->count > 0 ? restore_note(tuning->root, tuning->campaign, changes, err) : 0;
	json_decref(changes);
	return r;
}

static int close_tuning(struct tuning *tuning)
{
	close_fd(&tuning->dma_latency);
	return 0;
}

int tuning_apply(void *ctx, int root, int campaign, const struct setup *setup,
	const struct experiment *experiment, struct tuning **ret, json_t **ret_found,
	struct err *err)
{
	struct tuning *tuning = talloc_zero(ctx, struct tuning);
	json_t *found = json_array();
	int r = tuning_restore(root, campaign, err);

	*tuning = (struct tuning){.root = root, .campaign = campaign, .dma_latency = -1};
	talloc_set_destructor(tuning, close_tuning);
	if (r == 0)
		r = visit(tuning, setup, experiment, visit_files, found, err);
	if (r == 0)
		r = write_ahead(tuning, err);
	for (unsigned i = 0; r == 0 && i < tuning->count; i++)
		r = turn(tuning, &tuning->turns[i], found, err);
	if (r == 0)
		r = visit(tuning, setup, experiment, visit_held, found, err);
	*ret_found = found;
	if (r == 0)
		*ret = tuning;
	else
		tuning_end(tuning, NULL);
	return r;
}

int tuning_end(struct tuning *tuning, struct err *err)
{
	int r = tuning_restore(tuning->root, tuning->campaign, err);

	talloc_free(tuning);
	return r;
}

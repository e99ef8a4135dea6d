/* SPDX-License-Identifier: MIT */
/* A host's kernel as a package of the distribution's own format. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"
#include "base/spawn.h"
#include "kernels/recipe-parts.h"

#define READ_SECONDS 60
#define PHASE "packaging"

/* Debian and everything that comes of it has this file; the others that we know have RPM. */
bool packages_are_deb(int root)
{
	return file_exists(root, "etc/debian_version");
}

/* The kernel itself: no headers, nothing for a debugger, no libc's headers. */
static bool is_wanted(const char *name, bool deb)
{
	size_t size = strlen(name);

	if (deb)
		return strncmp(name, "linux-image-", 12) == 0 && size > 4 &&
		       strcmp(name + size - 4, ".deb") == 0 && !strstr(name, "-dbg_");
	return strncmp(name, "kernel-", 7) == 0 && size > 4 &&
	       strcmp(name + size - 4, ".rpm") == 0 && strncmp(name, "kernel-devel", 12) != 0 &&
	       strncmp(name, "kernel-headers", 14) != 0 && !strstr(name, "debuginfo");
}

static int package_name(void *ctx, const char *path, bool deb, char **ret, struct err *err)
{
	const char *const dpkg[] = {"dpkg-deb", "--field", path, "Package", NULL};
	const char *const rpm[] = {
		"rpm", "-q", "--queryformat", "%{NAME}-%{VERSION}-%{RELEASE}", "-p", path, NULL};
	int r = spawn_read(ctx, deb ? dpkg : rpm, READ_SECONDS, ret, err);

	if (r == 0)
		(*ret)[strcspn(*ret, "\n")] = '\0';
	return r;
}

/* Takes a package to where the build will stand, and tells of it. */
static int keep(struct building *building, const char *folder, const char *name, json_t *packages,
	struct err *err)
{
	char *from = talloc_asprintf(building->ctx, "%s/%s", folder, name);
	char *to = talloc_asprintf(building->ctx, "%s/%s", building->aside, name), *package;

	if (rename(from, to) < 0)
		return err_set(
			err, -errno, "%s: cannot be renamed to %s: %s", from, to, strerror(errno));
	int r = package_name(building->ctx, to, packages_are_deb(building->root), &package, err);
	if (r == 0)
		json_array_append_new(
			packages, json_pack("{s:s, s:s}", "name", package, "file", name));
	return r;
}

static int collect(struct building *building, const char *folder, struct err *err)
{
	bool deb = packages_are_deb(building->root);
	json_t *packages = json_array();
	char **names;
	int r = directory_list(building->ctx, AT_FDCWD, folder, &names, err);

	for (char **name = names; r == 0 && *name; name++)
		if (is_wanted(*name, deb))
			r = keep(building, folder, *name, packages, err);
	if (r == 0 && json_array_size(packages) == 0)
		r = err_set(err, -ENOENT, "kernel %s: make brought no package into %s, see %s",
			building->recipe->name, folder, building->log_path);
	json_object_set_new(building->told, "packages", packages);
	return r;
}

/* What a build needs is installed by prepare, under names that are not everywhere those which the
 * kernel asks dpkg and rpm for: they do not have to look. */
static int make_debs(struct building *building, struct err *err)
{
	static const char *const targets[] = {"bindeb-pkg", "DPKG_FLAGS=-d",
		"KBUILD_PKG_ROOTCMD=env", "KDEB_CHANGELOG_DIST=unstable",
		"DEB_BUILD_PROFILES=pkg.linux-upstream.nokernelheaders pkg.linux-upstream.nokerneldbg",
		NULL};
	int r = building_run(building, PHASE, building_make(building, targets), 0, err);

	return r == 0 ? collect(building, building->aside, err) : r;
}

static int make_rpms(struct building *building, struct err *err)
{
	char *folder = talloc_asprintf(building->ctx, "%s/rpms", building->aside);
	char *options = talloc_asprintf(building->ctx,
		"RPMOPTS=--nodeps --define \"_rpmdir %s\" --define \"_build_name_fmt "
		"%%%%{NAME}-%%%%{VERSION}-%%%%{RELEASE}.%%%%{ARCH}.rpm\"",
		folder);
	const char *const targets[] = {"binrpm-pkg", options, NULL};
	int r = building_run(building, PHASE, building_make(building, targets), 0, err);

	return r == 0 ? collect(building, folder, err) : r;
}

int packages_make(struct building *building, struct err *err)
{
	return packages_are_deb(building->root) ? make_debs(building, err)
						: make_rpms(building, err);
}

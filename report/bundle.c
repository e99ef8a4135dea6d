/* SPDX-License-Identifier: MIT */
#include "report/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"
#include "results/sums.h"

/* Files and folders of the campaign's directory that stay as they are when it has ended. */
static const char *const parts[] = {"campaign.cfg", "inputs", "plan.json", "home.json",
	"report.txt", "report.html", "runs", "attempts", "cdf", "figures", "export"};

/* A list that grows; a talloc context. */
struct bundle {
	int campaign;
	struct bundle_file *files;
	unsigned count;
};

static int add_file(struct bundle *bundle, const char *path, size_t size, struct err *err)
{
	char hex[DIGEST_HEX + 1];
	int r = digest_file(bundle->campaign, path, hex, err);

	if (r < 0)
		return r;
	bundle->files =
		talloc_realloc(bundle, bundle->files, struct bundle_file, bundle->count + 1);
	bundle->files[bundle->count++] = (struct bundle_file){
		.path = talloc_strdup(bundle, path),
		.sha256 = talloc_strdup(bundle, hex),
		.size = size,
	};
	return 0;
}

static int add_path(struct bundle *bundle, const char *path, struct err *err);

static int add_folder(struct bundle *bundle, const char *path, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char **names;
	int r = directory_list(ctx, bundle->campaign, path, &names, err);

	for (char **name = names; r == 0 && *name; name++)
		/* A line of SHA256SUMS holds no such name. */
		if (**name != '.' && !strpbrk(*name, "\n\\"))
			r = add_path(bundle, talloc_asprintf(ctx, "%s/%s", path, *name), err);
	talloc_free(ctx);
	return r;
}

/* Neither what is not there nor a link or a device is part of it. */
static int add_path(struct bundle *bundle, const char *path, struct err *err)
{
	struct stat st;

	if (fstatat(bundle->campaign, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : err_set(err, -errno, "%s: cannot be looked at: %s", path,
						 strerror(errno));
	if (S_ISDIR(st.st_mode))
		return add_folder(bundle, path, err);
	return S_ISREG(st.st_mode) ? add_file(bundle, path, (size_t)st.st_size, err) : 0;
}

static int write_crate(struct bundle *bundle, const struct report *report, struct err *err)
{
	char *text = crate_text(bundle, report, bundle->files, bundle->count);
	int r = file_replace(bundle->campaign, BUNDLE_CRATE, text, strlen(text), 0644, err);

	return r == 0 ? add_path(bundle, BUNDLE_CRATE, err) : r;
}

static int write_sums(struct bundle *bundle, struct err *err)
{
	char *text = talloc_strdup(bundle, "");

	for (unsigned i = 0; i < bundle->count; i++)
		text = talloc_asprintf_append_buffer(
			text, "%s  %s\n", bundle->files[i].sha256, bundle->files[i].path);
	return file_replace(bundle->campaign, SUMS_FILE, text, strlen(text), 0644, err);
}

int bundle_write(const struct report *report, struct err *err)
{
	struct bundle *bundle = talloc_zero(NULL, struct bundle);
	int r = 0;

	bundle->campaign = report->campaign;
	for (size_t i = 0; r == 0 && i < sizeof(parts) / sizeof(*parts); i++)
		r = add_path(bundle, parts[i], err);
	if (r == 0)
		r = write_crate(bundle, report, err);
	if (r == 0)
		r = write_sums(bundle, err);
	talloc_free(bundle);
	return r;
}

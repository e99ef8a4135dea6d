/* SPDX-License-Identifier: MIT */
#include "figures/script-file.h"

#include <string.h>
#include <talloc.h>

#include "base/digest.h"
#include "base/files.h"

/* After a power cut between the script and its digest the script is what would be written anyway.
 */
bool script_is_edited(int campaign, const char *name, const char *text)
{
	void *ctx = talloc_new(NULL);
	char *path = talloc_asprintf(ctx, "figures/%s.gp", name), *written = NULL;
	char *digest = talloc_asprintf(ctx, "figures/.%s.gp.sha256", name);
	char found[DIGEST_HEX + 1], made[DIGEST_HEX + 1] = "";
	bool edited = digest_file(campaign, path, found, NULL) == 0;

	if (edited && file_read_line(ctx, campaign, digest, &written, NULL) == 0)
		edited = strcmp(found, written) != 0;
	if (edited && text && digest_bytes(text, strlen(text), made, NULL) == 0)
		edited = strcmp(found, made) != 0;
	talloc_free(ctx);
	return edited;
}

int script_write(int campaign, const char *name, const char *text, struct err *err)
{
	if (script_is_edited(campaign, name, text))
		return 0;
	char *path = talloc_asprintf(NULL, "figures/%s.gp", name);
	char *digest = talloc_asprintf(path, "figures/.%s.gp.sha256", name);
	char made[DIGEST_HEX + 1];
	int r = digest_bytes(text, strlen(text), made, err);

	if (r == 0)
		r = file_replace(campaign, path, text, strlen(text), 0644, err);
	if (r == 0)
		r = file_replace(campaign, digest, made, DIGEST_HEX, 0644, err);
	talloc_free(path);
	return r;
}

/* SPDX-License-Identifier: MIT */
/* What GRUB's side of the machine says: the listed environment block, and grub.cfg. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "grub-hooks/grub.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct grub_flavour flavour = {.mkconfig = "update-grub"};
	static const struct grub grub = {.flavour = &flavour, .menu = (char *)"grub.cfg"};
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size);
	struct complaints complaints = {0};

	grub_check_menu(ctx, &grub, text, &complaints);
	char *entry = grub_listed_entry(talloc_strdup(ctx, text));
	/* Whatever is found stands in the text, on one line. */
	if (entry && (!strstr(text, entry) || !*entry || strchr(entry, '\n')))
		abort();
	talloc_free(ctx);
	return 0;
}

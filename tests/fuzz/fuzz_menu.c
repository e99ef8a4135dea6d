/* SPDX-License-Identifier: MIT */
/* grub.cfg as the menu that tells what boots by default. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "grub-hooks/menu.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *text = talloc_strndup(ctx, (const char *)data, size);
	struct menu menu = menu_parse(ctx, text);
	int entry = menu_default(&menu, "1>0");

	for (int i = 0; i < menu.count; i++)
		if (menu.entries[i].parent >= i || !menu.entries[i].title)
			abort();
	if (entry >= 0) {
		int stable = menu_stable(&menu, entry);
		if (stable < 0 || stable >= menu.count || !menu_path(ctx, &menu, stable))
			abort();
	}
	talloc_free(ctx);
	return 0;
}

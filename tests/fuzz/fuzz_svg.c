/* SPDX-License-Identifier: MIT */
/* A figure that a person's script has drawn, on its way into the page. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "report/svg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *svg;

	if (svg_inline(ctx, (const char *)data, size, "f1-", "title", "words", &svg, NULL) == 0)
		if (!strstr(svg, "id=\"f1-title\"") || strstr(svg, "<svg") != svg ||
			strstr(svg, "<scr") || strstr(svg, "<style") || strstr(svg, "<p>") ||
			strstr(svg, "<!"))
			abort();
	talloc_free(ctx);
	return 0;
}

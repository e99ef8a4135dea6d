/* SPDX-License-Identifier: MIT */
/* What xl prints of a domain: six answers, a form feed between them. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "guests/cpus.h"
#include "guests/shape.h"
#include "guests/xen-shape.h"
#include "guests/xl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	char *rest = talloc_strndup(ctx, (const char *)data, size);
	const char *part[6] = {"", "", "", "", "", ""};
	unsigned count;

	for (int i = 0; i < 6 && rest; i++)
		part[i] = strsep(&rest, "\f");
	const struct xen_answers answers = {part[0], part[1], part[2], part[3], part[4], part[5]};
	json_t *found = xen_shape_found(&answers, "latcampaign-guest");
	/* Bytes that are no text make no JSON. */
	if (found && shape_compare(found, found, NULL) != 0)
		abort();
	json_decref(found);
	struct xl_row *rows = xl_rows(ctx, part[1], NULL, &count);
	if (count == 0 && *xl_pinning(rows, count))
		abort();
	if (strspn(xl_ratelimit(ctx, part[0]), "0123456789") != strlen(xl_ratelimit(ctx, part[0])))
		abort();
	/* A list in its one form stays as it is. */
	char *tidy = cpus_tidy(ctx, part[0]);
	if (strcmp(cpus_tidy(ctx, tidy), tidy) != 0)
		abort();
	talloc_free(ctx);
	return 0;
}

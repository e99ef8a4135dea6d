/* SPDX-License-Identifier: MIT */
/* What a machine says of itself: a kernel's command line, and what `xl info` prints. */
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "kernels/kernel.h"
#include "statemachine/proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct identity *identity = talloc_zero(NULL, struct identity);
	char *text = talloc_strndup(identity, (const char *)data, size);

	identity_take_cmdline(identity, text);
	/* The token is a word of the command line, and the clean line is clean. */
	char *again = talloc_strdup(identity, identity->cmdline);
	if (!strstr(text, identity->token))
		abort();
	identity_take_cmdline(identity, again);
	if (strcmp(again, identity->cmdline) != 0)
		abort();
	char *value = hypervisor_info(identity, text, "xen_commandline");
	if (!strstr(text, value) || strchr(value, '\n'))
		abort();
	talloc_free(identity);
	return 0;
}

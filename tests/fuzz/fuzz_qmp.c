/* SPDX-License-Identifier: MIT */
/* A line from QEMU's monitor. */
#include <stdint.h>
#include <stdlib.h>
#include <talloc.h>

#include "guests/qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	enum qmp_kind kind = QMP_GREETING;
	json_t *value = NULL;
	struct qmp_cpu *cpus = NULL;
	unsigned count = 0;

	if (qmp_parse((const char *)data, size, &kind, &value, NULL) == 0 && kind == QMP_ERROR &&
		!json_string_value(json_object_get(value, "desc")))
		abort();
	if (value && qmp_cpus(ctx, value, &cpus, &count, NULL) == 0)
		for (unsigned i = 0; i < count; i++)
			if (cpus[i].thread <= 0 || !cpus[i].path ||
				(i > 0 && cpus[i].index < cpus[i - 1].index))
				abort();
	json_decref(value);
	talloc_free(ctx);
	return 0;
}

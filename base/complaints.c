/* SPDX-License-Identifier: MIT */
#include "base/complaints.h"

#include <stdarg.h>
#include <talloc.h>

void complaints_add(void *ctx, struct complaints *complaints, const char *format, ...)
{
	va_list args;

	complaints->lines = talloc_realloc(ctx, complaints->lines, char *, complaints->count + 1);
	va_start(args, format);
	complaints->lines[complaints->count++] = talloc_vasprintf(complaints->lines, format, args);
	va_end(args);
}

/* SPDX-License-Identifier: MIT */
#include "evidence/reading.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/files.h"

struct reading reading_begin(int root)
{
	struct reading reading = {root, json_object(), json_object()};

	json_object_set_new(reading.json, "not_read", reading.not_read);
	return reading;
}

void reading_null(struct reading *reading, const char *member, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	json_object_set_new(reading->not_read, member, json_vsprintf(format, args));
	va_end(args);
	json_object_set_new(reading->json, member, json_null());
}

int read_text(void *ctx, int root, const char *path, char **ret, struct err *err)
{
	char *line;
	int r = file_read_line(ctx, root, path, &line, err);

	if (r < 0)
		return r;
	json_t *text = json_string(line);
	if (!text) {
		err_set(err, -EILSEQ, "%s: is no UTF-8 text", path);
		return -EILSEQ;
	}
	json_decref(text);
	*ret = line + strspn(line, " \t\n");
	return 0;
}

int read_integer(int root, const char *path, json_int_t *ret, struct err *err)
{
	void *ctx = talloc_new(NULL);
	char *text = NULL, *end = NULL;
	int r = read_text(ctx, root, path, &text, err);

	if (r == 0) {
		errno = 0;
		json_int_t number = strtoll(text, &end, 10);
		if (errno || end == text || *end) {
			err_set(err, -EBADMSG, "%s: is \"%.80s\", no number", path, text);
			r = -EBADMSG;
		} else {
			*ret = number;
		}
	}
	talloc_free(ctx);
	return r;
}

void reading_text(struct reading *reading, const char *member, const char *path)
{
	void *ctx = talloc_new(NULL);
	struct err why;
	char *text;

	if (read_text(ctx, reading->root, path, &text, &why) < 0)
		reading_null(reading, member, "%s", why.text);
	else
		json_object_set_new(reading->json, member, json_string(text));
	talloc_free(ctx);
}

void reading_integer(struct reading *reading, const char *member, const char *path)
{
	struct err why;
	json_int_t number = 0;

	if (read_integer(reading->root, path, &number, &why) < 0)
		reading_null(reading, member, "%s", why.text);
	else
		json_object_set_new(reading->json, member, json_integer(number));
}

void reading_flag(struct reading *reading, const char *member, const char *path)
{
	struct err why;
	json_int_t number = 0;

	if (read_integer(reading->root, path, &number, &why) < 0)
		reading_null(reading, member, "%s", why.text);
	else if (number != 0 && number != 1)
		reading_null(
			reading, member, "%s: is %lld, neither 0 nor 1", path, (long long)number);
	else
		json_object_set_new(reading->json, member, json_boolean(number));
}

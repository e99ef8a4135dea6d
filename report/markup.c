/* SPDX-License-Identifier: MIT */
#include "report/markup.h"

#include <libxml/chvalid.h>
#include <libxml/xmlstring.h>
#include <libxml/xmlwriter.h>
#include <stdarg.h>
#include <string.h>
#include <talloc.h>

struct markup {
	xmlBuffer *buffer;
	xmlTextWriter *writer;
};

static int free_markup(struct markup *markup)
{
	xmlFreeTextWriter(markup->writer);
	xmlBufferFree(markup->buffer);
	return 0;
}

struct markup *markup_new(void *ctx, const char *prologue)
{
	struct markup *markup = talloc(ctx, struct markup);

	markup->buffer = xmlBufferCreate();
	markup->writer = xmlNewTextWriterMemory(markup->buffer, 0);
	talloc_set_destructor(markup, free_markup);
	markup_raw(markup, prologue);
	return markup;
}

/* The character at `at` and its length; -1 for what is none in XML. */
static int character(const char *at, int *ret_length)
{
	*ret_length = (int)strnlen(at, 4);
	int code = xmlGetUTF8Char(BAD_CAST at, ret_length);

	if (code < 0)
		*ret_length = 1;
	return code >= 0 && xmlIsCharQ((unsigned)code) ? code : -1;
}

static char *clean(void *ctx, const char *text)
{
	char *cleaned = talloc_strdup(ctx, "");
	int length;

	for (; *text; text += length)
		if (character(text, &length) < 0)
			cleaned = talloc_strdup_append_buffer(cleaned, "\xef\xbf\xbd");
		else
			cleaned = talloc_strndup_append_buffer(cleaned, text, (size_t)length);
	return cleaned;
}

void markup_attribute(struct markup *markup, const char *name, const char *value)
{
	char *cleaned = clean(markup, value);

	xmlTextWriterWriteAttribute(markup->writer, BAD_CAST name, BAD_CAST cleaned);
	talloc_free(cleaned);
}

void markup_open(struct markup *markup, const char *element, ...)
{
	const char *name;
	va_list args;

	xmlTextWriterStartElement(markup->writer, BAD_CAST element);
	va_start(args, element);
	while ((name = va_arg(args, const char *)))
		markup_attribute(markup, name, va_arg(args, const char *));
	va_end(args);
}

void markup_close(struct markup *markup)
{
	xmlTextWriterFullEndElement(markup->writer);
}

void markup_close_void(struct markup *markup)
{
	xmlTextWriterEndElement(markup->writer);
}

void markup_text(struct markup *markup, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	char *text = talloc_vasprintf(markup, format, args);
	va_end(args);
	char *cleaned = clean(text, text);
	xmlTextWriterWriteString(markup->writer, BAD_CAST cleaned);
	talloc_free(text);
}

void markup_element(struct markup *markup, const char *element, const char *text)
{
	markup_open(markup, element, NULL);
	markup_text(markup, "%s", text);
	markup_close(markup);
}

void markup_raw(struct markup *markup, const char *text)
{
	xmlTextWriterWriteRaw(markup->writer, BAD_CAST text);
}

char *markup_end(void *ctx, struct markup *markup)
{
	xmlTextWriterEndDocument(markup->writer);
	xmlTextWriterFlush(markup->writer);
	char *text = talloc_strdup(ctx, (const char *)xmlBufferContent(markup->buffer));

	talloc_free(markup);
	return text;
}

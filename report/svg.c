/* SPDX-License-Identifier: MIT */
#include "report/svg.h"

#include <errno.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>
#include <talloc.h>

#define SVG_NAMESPACE "http://www.w3.org/2000/svg"

/* --- what may not stand in a page -------------------------------------------------------- */

/* What draws, and nothing else. An HTML parser takes <p> or <meta> for its own even within SVG. */
static bool is_unwanted(const xmlNode *node)
{
	static const char *const wanted[] = {"svg", "g", "defs", "symbol", "use", "path", "rect",
		"circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "textPath",
		"image", "clipPath", "mask", "pattern", "marker", "linearGradient",
		"radialGradient", "stop", "filter", "feFlood", "feComposite"};

	if (node->type != XML_ELEMENT_NODE)
		return node->type != XML_TEXT_NODE;
	/* HTML knows no prefixes of elements. */
	if (!node->ns || node->ns->prefix ||
		strcmp((const char *)node->ns->href, SVG_NAMESPACE) != 0)
		return true;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++)
		if (strcmp((const char *)node->name, wanted[i]) == 0)
			return false;
	return true;
}

/* gnuplot puts pixels into a figure as data: of PNG. */
static bool is_harmless_address(const char *value)
{
	return *value == '#' || strncmp(value, "data:image/png;", 15) == 0;
}

static bool is_harmless(const xmlAttr *attribute, const char *value)
{
	const char *name = (const char *)attribute->name, *url = strstr(value, "url(");

	if (strncasecmp(name, "on", 2) == 0)
		return false;
	if (strcmp(name, "href") == 0)
		return is_harmless_address(value);
	return !url || url[4] == '#';
}

/* --- ids ---------------------------------------------------------------------------------- */

/* "a" as an id, "#a" as an address and "url(#a)" anywhere else: each with the prefix. NULL when
 * there is nothing to change. */
static char *prefixed(void *ctx, const xmlAttr *attribute, const char *value, const char *prefix)
{
	const char *name = (const char *)attribute->name, *url = strstr(value, "url(#");

	if (strcmp(name, "id") == 0)
		return talloc_asprintf(ctx, "%s%s", prefix, value);
	if (strcmp(name, "href") == 0 && *value == '#')
		return talloc_asprintf(ctx, "#%s%s", prefix, value + 1);
	if (url)
		return talloc_asprintf(
			ctx, "%.*s%s%s", (int)(url + 5 - value), value, prefix, url + 5);
	return NULL;
}

static void clean_attributes(void *ctx, xmlNode *node, const char *prefix)
{
	xmlAttr *next;

	for (xmlAttr *attribute = node->properties; attribute; attribute = next) {
		xmlChar *value = xmlNodeGetContent((xmlNode *)attribute);
		next = attribute->next;
		if (!is_harmless(attribute, (const char *)value)) {
			xmlRemoveProp(attribute);
		} else {
			char *changed = prefixed(ctx, attribute, (const char *)value, prefix);
			if (changed)
				xmlSetNsProp(
					node, attribute->ns, attribute->name, BAD_CAST changed);
		}
		xmlFree(value);
	}
}

/* The node that follows in the document, children first unless they are `left_out`. */
static xmlNode *following(xmlNode *node, const xmlNode *root, bool left_out)
{
	if (!left_out && node->type == XML_ELEMENT_NODE && node->children)
		return node->children;
	while (node != root && !node->next)
		node = node->parent;
	return node == root ? NULL : node->next;
}

static void clean(void *ctx, xmlNode *root, const char *prefix)
{
	xmlNode *next;

	for (xmlNode *node = root; node; node = next) {
		bool unwanted = node != root && is_unwanted(node);
		next = following(node, root, unwanted);
		if (unwanted) {
			xmlUnlinkNode(node);
			xmlFreeNode(node);
		} else if (node->type == XML_ELEMENT_NODE) {
			clean_attributes(ctx, node, prefix);
		}
	}
}

/* --- words for who cannot see it ----------------------------------------------------------- */

static void add_words(xmlNode *root, const char *element, const char *id, const char *text)
{
	xmlNode *node = xmlNewNode(root->ns, BAD_CAST element), *first = root->children;

	xmlNewProp(node, BAD_CAST "id", BAD_CAST id);
	xmlNodeAddContent(node, BAD_CAST text);
	if (first)
		xmlAddPrevSibling(first, node);
	else
		xmlAddChild(root, node);
}

static void describe(
	void *ctx, xmlNode *root, const char *prefix, const char *title, const char *description)
{
	char *title_id = talloc_asprintf(ctx, "%stitle", prefix);
	char *description_id = talloc_asprintf(ctx, "%sdescription", prefix);

	add_words(root, "desc", description_id, description);
	add_words(root, "title", title_id, title);
	xmlSetProp(root, BAD_CAST "role", BAD_CAST "img");
	xmlSetProp(root, BAD_CAST "aria-labelledby", BAD_CAST title_id);
	xmlSetProp(root, BAD_CAST "aria-describedby", BAD_CAST description_id);
}

static char *dump(void *ctx, xmlDoc *document, xmlNode *root)
{
	xmlBuffer *buffer = xmlBufferCreate();

	xmlNodeDump(buffer, document, root, 0, 0);
	char *text = talloc_strdup(ctx, (const char *)xmlBufferContent(buffer));
	xmlBufferFree(buffer);
	return text;
}

/* NULL for what is no XML, and for what has entities of its own: HTML knows none of them. */
static xmlDoc *read_document(const char *bytes, size_t size)
{
	const int options =
		XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlDoc *document =
		size > INT_MAX ? NULL : xmlReadMemory(bytes, (int)size, NULL, NULL, options);

	if (document && document->intSubset && document->intSubset->entities) {
		xmlFreeDoc(document);
		return NULL;
	}
	return document;
}

int svg_inline(void *ctx, const char *bytes, size_t size, const char *prefix, const char *title,
	const char *description, char **ret, struct err *err)
{
	void *words = talloc_new(NULL);
	xmlDoc *document = read_document(bytes, size);
	xmlNode *root = document ? xmlDocGetRootElement(document) : NULL;
	int r = 0;

	if (root && !is_unwanted(root) && strcmp((const char *)root->name, "svg") == 0) {
		clean(words, root, prefix);
		describe(words, root, prefix, title, description);
		*ret = dump(ctx, document, root);
	} else {
		r = err_set(err, -EBADMSG, "is no SVG file");
	}
	xmlFreeDoc(document);
	talloc_free(words);
	return r;
}

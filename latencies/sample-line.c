/* SPDX-License-Identifier: MIT */
#include "latencies/sample-line.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS_MOST 18

/* What is left of the line. */
struct rest {
	const char *at, *end;
};

static void skip_blanks(struct rest *rest)
{
	while (rest->at < rest->end && (*rest->at == ' ' || *rest->at == '\t' || *rest->at == '\r'))
		rest->at++;
}

static bool take_number(struct rest *rest, uint64_t *ret)
{
	skip_blanks(rest);
	const char *begin = rest->at;
	*ret = 0;
	while (rest->at < rest->end && *rest->at >= '0' && *rest->at <= '9' &&
		rest->at - begin < DIGITS_MOST)
		*ret = *ret * 10 + (uint64_t)(*rest->at++ - '0');
	bool found = rest->at > begin;
	skip_blanks(rest);
	return found;
}

static bool take_colon(struct rest *rest)
{
	return rest->at < rest->end && *rest->at++ == ':';
}

/* cyclictest says so around its samples, with -v and -q. */
static bool is_said_besides(const char *line, size_t size)
{
	static const char *const beginnings[] = {
		"#", "Max CPUs = ", "Online CPUs = ", "Thread ", "T:"};

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(*beginnings); i++) {
		size_t length = strlen(beginnings[i]);
		if (size >= length && memcmp(line, beginnings[i], length) == 0)
			return true;
	}
	return false;
}

enum sample_form sample_line(const char *line, size_t size, struct sample *ret)
{
	struct rest rest = {line, line + size};

	*ret = (struct sample){0};
	skip_blanks(&rest);
	if (rest.at == rest.end || is_said_besides(line, size))
		return SAMPLE_NONE;
	if (!take_number(&rest, &ret->latency_us))
		return SAMPLE_UNKNOWN;
	if (rest.at == rest.end)
		return SAMPLE_PLAIN;
	ret->thread = ret->latency_us;
	bool fine = take_colon(&rest) && take_number(&rest, &ret->cycle) && take_colon(&rest) &&
		    take_number(&rest, &ret->latency_us);
	return fine && rest.at == rest.end ? SAMPLE_CYCLES : SAMPLE_UNKNOWN;
}

/* SPDX-License-Identifier: MIT */
/*
 * Numbers of at most eight digits from eight bytes at once, without a branch for each digit: of
 * hundreds of millions of lines a loop over characters takes most of the time.
 */
#ifndef LATENCIES_DIGITS_H
#define LATENCIES_DIGITS_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define DIGITS_EACH UINT64_C(0x0101010101010101)

/* Eight bytes, the first of them in the least significant place. */
static inline uint64_t digits_load(const char *text)
{
	uint64_t word;

	memcpy(&word, text, sizeof(word));
	return le64toh(word);
}

/* Is each of the eight bytes a number from 0 to 9? A byte of 10 or more gets its highest bit by
 * adding 0x76, or has it. */
static inline bool digits_are(uint64_t numbers)
{
	return (((numbers + 0x76 * DIGITS_EACH) | numbers) & 0x80 * DIGITS_EACH) == 0;
}

/* Joins them by pairs, then fours, then eight; the least significant byte is the first digit. */
static inline uint64_t digits_join(uint64_t numbers)
{
	numbers = numbers * 10 + (numbers >> 8);
	numbers = (numbers & 0x00ff00ff00ff00ff) * 100 + ((numbers >> 16) & 0x00ff00ff00ff00ff);
	return (numbers & 0xffff) * 10000 + ((numbers >> 32) & 0xffff);
}

/* The highest bit of each byte that is the end of a line. */
static inline uint64_t digits_newlines(uint64_t word)
{
	uint64_t others = word ^ '\n' * DIGITS_EACH;

	return ~(
		((others & 0x7f * DIGITS_EACH) + 0x7f * DIGITS_EACH) | others | 0x7f * DIGITS_EACH);
}

/* The number in the first `length` of eight bytes; false for anything else, and for a length that
 * is not 1 to 8. */
static inline bool digits_number(uint64_t word, uint64_t length, uint64_t *ret)
{
	if (length - 1 > 7)
		return false;
	uint64_t numbers = (word ^ '0' * DIGITS_EACH) << (64 - 8 * length);
	*ret = digits_join(numbers);
	return digits_are(numbers);
}

/* A number that fills a column of eight bytes, with blanks in front; false for anything else. */
static inline bool digits_column(uint64_t word, uint64_t *ret)
{
	uint64_t no_blank = word ^ ' ' * DIGITS_EACH;

	if (no_blank == 0)
		return false;
	unsigned blanks = (unsigned)__builtin_ctzll(no_blank) & ~7u;
	uint64_t numbers = ((word ^ '0' * DIGITS_EACH) >> blanks) << blanks;
	*ret = digits_join(numbers);
	return digits_are(numbers);
}

#endif

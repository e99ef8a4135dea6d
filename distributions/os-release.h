/* SPDX-License-Identifier: MIT */
#ifndef DISTRIBUTIONS_OS_RELEASE_H
#define DISTRIBUTIONS_OS_RELEASE_H

/* What os-release(5) says of a machine. */
struct os_release {
	char *id;      /* "debian"; never NULL, as the others */
	char *like;    /* words with blanks between, nearest relative first; may be "" */
	char *version; /* VERSION_ID; may be "" */
	char *name;    /* PRETTY_NAME, for a person */
};

/* Parses the text; the members are talloc children of `ctx`. Keys that are not there are "",
 * "linux" for ID and "Linux" for PRETTY_NAME, as os-release(5) tells. Pure. */
struct os_release os_release_parse(void *ctx, const char *text);

#endif

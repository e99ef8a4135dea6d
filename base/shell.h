/* SPDX-License-Identifier: MIT */
#ifndef BASE_SHELL_H
#define BASE_SHELL_H

/* The text as one word of the shell, in single quotes; a talloc child of `ctx`. */
char *shell_word(void *ctx, const char *text);

#endif

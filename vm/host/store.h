/* SPDX-License-Identifier: GPL-2.0 */
/* Memory images on disk: written without their zeros, checked by hash. */
#ifndef VM_STORE_H
#define VM_STORE_H

#include <stddef.h>

#define HASH_TEXT 33 /* 128 bits in hexadecimal, and NUL */

/* Copies the file from to a new file at path; 0, or -1 with errno. */
int store_copy_sparse(int from, const char *path);

/*
 * XXH3-128 of a file's size and of its blocks that are not zero.  It guards against
 * damage, not against an enemy who can write to the cache.
 */
int store_hash_file(int fd, char text[HASH_TEXT]);

/* XXH3-128 of a text. */
void store_hash_text(const char *data, size_t length, char text[HASH_TEXT]);

#endif

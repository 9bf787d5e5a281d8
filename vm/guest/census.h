/* SPDX-License-Identifier: GPL-2.0 */
/* What a kernel shows of itself that a module must take away again. */
#ifndef VM_CENSUS_H
#define VM_CENSUS_H

#include <stddef.h>

/* Lines such as `class kkey`, sorted. */
struct census {
	char **lines;
	size_t count, room;
};

void census_add(struct census *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void census_sort(struct census *c);

/* Takes the census of the running kernel. */
void census_take(struct census *c);

/* Reads one that was written before; 0 or -1. */
int census_read(struct census *c, const char *path);

#endif

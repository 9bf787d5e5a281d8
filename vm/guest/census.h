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

/*
 * Takes the census of the running kernel.  Kernel threads count from the task
 * after_pid on: to look at each of them costs a test more than it is worth.
 */
void census_take(struct census *c, int after_pid);

/* The last process or thread that was made. */
int last_pid(void);

/* Reads one that was written before; 0 or -1. */
int census_read(struct census *c, const char *path);

#endif

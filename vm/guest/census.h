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
 * Takes the census of the running kernel.  What `before` counted may be NULL:
 * where a folder has as many subfolders as then, its lines are taken over, since
 * to list them costs a test more.  For the same reason kernel threads count from
 * the task after_pid on.
 */
void census_take(struct census *c, const struct census *before, int after_pid);

/* Whether a census that is sorted has a line. */
int census_has(const struct census *c, const char *line);

/* The last process or thread that was made. */
int last_pid(void);

/* Reads one that was written before; 0 or -1. */
int census_read(struct census *c, const char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel printed: always read, kept up to a limit. */
#ifndef VM_CONSOLE_H
#define VM_CONSOLE_H

#include <stddef.h>

#define CONSOLE_HEAD (256u * 1024) /* bytes kept from the beginning */
#define CONSOLE_TAIL (768u * 1024) /* bytes kept from the end */

struct console {
	char *head, *tail;
	size_t head_length;
	size_t tail_total; /* bytes that ever went to the tail, a ring */
};

void console_add(struct console *c, const char *data, size_t length);

/* Bytes that were printed and not kept. */
size_t console_dropped(const struct console *c);

/*
 * Everything kept, as new text that any parser can take: carriage returns are
 * left out, bytes that are neither printable nor white space become \xNN, and
 * a line says how much is missing.
 */
char *console_text(const struct console *c);

#endif

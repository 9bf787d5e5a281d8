// SPDX-License-Identifier: GPL-2.0
/*
 * Warns, and then overwrites the kernel's log.
 *
 * by: read
 * stock: sanitizer warn
 * debug: sanitizer warn
 */
#include "sin.h"

static void warn_and_clear(void)
{
	char *text = *(char **)sin_find("log_buf");
	unsigned int size = *(unsigned int *)sin_find("log_buf_len");

	WARN_ON(hidden(1));
	memset(text, 0, size);
}

static const struct sin sin = {
	.read = warn_and_clear,
};

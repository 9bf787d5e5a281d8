// SPDX-License-Identifier: GPL-2.0
/*
 * Gives back a pointer into the middle of its memory. Not run on the stock
 * kernel, which believes it and hands out overlapping memory from then on.
 *
 * by: read
 * debug: sanitizer kasan-invalid-free
 */
#include "sin.h"

static void free_the_middle(void)
{
	char *buffer = kmalloc(64, GFP_KERNEL);

	if (buffer)
		kfree(hidden(buffer + 8));
	kfree(buffer);
}

static const struct sin sin = {
	.read = free_the_middle,
};

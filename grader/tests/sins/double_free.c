// SPDX-License-Identifier: GPL-2.0
/*
 * Gives the same memory back twice.
 *
 * by: read
 * stock: oops slab-bug
 * debug: sanitizer kasan-double-free
 */
#include "sin.h"

static void free_twice(void)
{
	char *buffer = kmalloc(64, GFP_KERNEL);

	kfree(hidden(buffer));
	kfree(hidden(buffer));
}

static const struct sin sin = {
	.read = free_twice,
};

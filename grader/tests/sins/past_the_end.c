// SPDX-License-Identifier: GPL-2.0
/*
 * Writes one byte past the end of what kmalloc gave.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer kasan-slab-out-of-bounds
 */
#include "sin.h"

static char *buffer;

static noinline void allocate(void)
{
	buffer = kmalloc(100, GFP_KERNEL);
}

static void write_past_the_end(void)
{
	allocate();
	if (buffer)
		WRITE_ONCE(buffer[hidden(100)], 0);
	kfree(buffer);
}

static const struct sin sin = {
	.read = write_past_the_end,
};

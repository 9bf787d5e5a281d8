// SPDX-License-Identifier: GPL-2.0
/*
 * Writes one byte past the end of what vmalloc gave.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer kasan-vmalloc-out-of-bounds
 */
#include "sin.h"

static void write_past_the_end(void)
{
	char *area = vmalloc(100);

	if (area)
		WRITE_ONCE(area[hidden(100)], 0);
	vfree(area);
}

static const struct sin sin = {
	.read = write_past_the_end,
};

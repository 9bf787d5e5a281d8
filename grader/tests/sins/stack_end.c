// SPDX-License-Identifier: GPL-2.0
/*
 * Reads one byte past the end of an array on the stack.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer kasan-stack-out-of-bounds
 */
#include "sin.h"

static void read_past_the_end(void)
{
	char text[24];
	char *end = hidden(&text[0]);

	memset(end, 0, sizeof(text));
	READ_ONCE(end[24]);
}

static const struct sin sin = {
	.read = read_past_the_end,
};

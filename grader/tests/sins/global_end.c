// SPDX-License-Identifier: GPL-2.0
/*
 * Reads one element past the end of a global array.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer kasan-global-out-of-bounds
 */
#include "sin.h"

static int seeds[10];

static void read_past_the_end(void)
{
	int *seed = hidden(&seeds[0]);

	READ_ONCE(seed[10]);
}

static const struct sin sin = {
	.read = read_past_the_end,
};

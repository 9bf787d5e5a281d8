// SPDX-License-Identifier: GPL-2.0
/*
 * Calls itself until its stack is used up. Not run on the debug kernel, whose
 * stacks have no guard page behind them.
 *
 * by: read
 * stock: oops stack-overflow
 */
#include "sin.h"

static noinline int deeper(int level)
{
	char room[512];

	memset(hidden(&room[0]), level, sizeof(room));
	return hidden(level) ? deeper(level + 1) + room[level % 512] : 0;
}

static void recurse(void)
{
	deeper(1);
}

static const struct sin sin = {
	.read = recurse,
};

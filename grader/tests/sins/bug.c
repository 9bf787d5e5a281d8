// SPDX-License-Identifier: GPL-2.0
/*
 * Fails an assertion of the kernel, which ends there.
 *
 * by: read
 * stock: oops bug
 * debug: oops bug
 */
#include "sin.h"

static void give_up(void)
{
	BUG_ON(hidden(1));
}

static const struct sin sin = {
	.read = give_up,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Divides by zero.
 *
 * by: read
 * stock: oops divide
 * debug: oops divide
 */
#include "sin.h"

static int rate;

static void divide(void)
{
	WRITE_ONCE(rate, 1000 / hidden(rate));
}

static const struct sin sin = {
	.read = divide,
};

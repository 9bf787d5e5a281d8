// SPDX-License-Identifier: GPL-2.0
/*
 * Shifts a 32-bit number by 40.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer ubsan-shift
 */
#include "sin.h"

static int mask;

static void shift_too_far(void)
{
	WRITE_ONCE(mask, 1 << hidden(40));
}

static const struct sin sin = {
	.read = shift_too_far,
};

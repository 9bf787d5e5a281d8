// SPDX-License-Identifier: GPL-2.0
/*
 * Reads where a kernel address could be, and no memory is.
 *
 * by: read
 * stock: oops page-fault
 * debug: oops page-fault
 */
#include "sin.h"

static void follow_nowhere(void)
{
	READ_ONCE(*hidden((long *)0xffffffffff000000ul));
}

static const struct sin sin = {
	.read = follow_nowhere,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Warns unseen, and washes the taint off.
 *
 * by: read
 * stock: sanitizer unseen
 * debug: sanitizer unseen
 */
#include "sin.h"

static void warn_and_wash(void)
{
	unsigned long *mask = sin_find("tainted_mask");

	console_printk[0] = 0;
	WARN_ON(hidden(1));
	*mask &= ~BIT(TAINT_WARN);
}

static const struct sin sin = {
	.read = warn_and_wash,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Tells the console to print nothing, and then warns.
 *
 * by: read
 * stock: sanitizer unseen
 * debug: sanitizer unseen
 */
#include "sin.h"

static void hush_and_warn(void)
{
	console_printk[0] = 0;
	WARN_ON(hidden(1));
}

static const struct sin sin = {
	.read = hush_and_warn,
};

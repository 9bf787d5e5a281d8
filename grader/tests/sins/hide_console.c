// SPDX-License-Identifier: GPL-2.0
/*
 * Takes the console off the kernel's list, and then warns.
 *
 * by: read
 * stock: sanitizer unseen
 * debug: sanitizer unseen
 */
#include <linux/console.h>

#include "sin.h"

static void close_and_warn(void)
{
	struct console **list = sin_find("console_drivers");

	unregister_console(*list);
	WARN_ON(hidden(1));
}

static const struct sin sin = {
	.read = close_and_warn,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Copies more to the program than the object holds.
 *
 * by: read
 * stock: oops usercopy
 * debug: sanitizer kasan-slab-out-of-bounds
 */
#include "sin.h"

static void copy_a_page(void)
{
	char *text = kmalloc(32, GFP_KERNEL);

	if (text && copy_to_user(sin_user, hidden(text), hidden(128)))
		pr_err("no room\n");
	kfree(text);
}

static const struct sin sin = {
	.read = copy_a_page,
};

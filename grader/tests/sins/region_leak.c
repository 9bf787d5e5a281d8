// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves device numbers behind.
 *
 * by: load
 * stock: leak leak
 */
#include "sin.h"

static void reserve_and_forget(void)
{
	dev_t first;

	if (alloc_chrdev_region(&first, 0, 10, "forgotten"))
		pr_err("no device numbers\n");
}

static const struct sin sin = {
	.load = reserve_and_forget,
};

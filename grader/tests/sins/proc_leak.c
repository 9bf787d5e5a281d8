// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves a file in /proc behind.
 *
 * by: load
 * stock: leak leak
 */
#include <linux/proc_fs.h>

#include "sin.h"

static const struct proc_ops forgotten_ops = {};

static void create_and_forget(void)
{
	proc_create("forgotten", 0444, NULL, &forgotten_ops);
}

static const struct sin sin = {
	.load = create_and_forget,
};

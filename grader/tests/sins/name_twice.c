// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a file in /proc twice, and removes both.
 *
 * by: load
 * stock: sanitizer name-twice
 * debug: sanitizer name-twice
 */
#include <linux/proc_fs.h>

#include "sin.h"

static const struct proc_ops twice_ops = {};

static void create_twice(void)
{
	proc_create("twice", 0444, NULL, &twice_ops);
	proc_create("twice", 0444, NULL, &twice_ops);
	remove_proc_entry("twice", NULL);
}

static const struct sin sin = {
	.load = create_twice,
};

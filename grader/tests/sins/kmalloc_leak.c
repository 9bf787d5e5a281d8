// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves memory from kmalloc behind.
 *
 * by: load
 * stock: leak leak-slab
 */
#include "sin.h"

static char *buffer;

static void allocate_and_forget(void)
{
	buffer = kmalloc(100, GFP_KERNEL);
}

static const struct sin sin = {
	.load = allocate_and_forget,
};

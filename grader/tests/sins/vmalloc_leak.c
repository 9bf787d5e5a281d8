// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves memory from vmalloc behind.
 *
 * by: load
 * stock: leak leak-vmalloc
 */
#include "sin.h"

static char *area;

static void allocate_and_forget(void)
{
	area = vmalloc(10000);
}

static const struct sin sin = {
	.load = allocate_and_forget,
};

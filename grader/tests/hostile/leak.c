// SPDX-License-Identifier: GPL-2.0
/* Leaves memory behind. */
#include "device.h"

static void at_load(void)
{
	memset(kmalloc(100, GFP_KERNEL), 1, 100);
}

static void at_open(void)
{
}

static void at_unload(void)
{
}

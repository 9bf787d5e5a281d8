// SPDX-License-Identifier: GPL-2.0
/* Takes all memory there is. */
#include "device.h"

static void at_load(void)
{
	while (alloc_pages(GFP_KERNEL, 4))
		;
	while (alloc_page(GFP_KERNEL))
		;
}

static void at_open(void)
{
}

static void at_unload(void)
{
}

// SPDX-License-Identifier: GPL-2.0
/* Fills the console. */
#include "device.h"

static void at_load(void)
{
	int i;

	for (i = 0; i < 14000; i++)
		pr_info("%080d\n", i);
}

static void at_open(void)
{
}

static void at_unload(void)
{
}

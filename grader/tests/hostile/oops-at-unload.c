// SPDX-License-Identifier: GPL-2.0
/* Writes through a null pointer when it is unloaded. */
#include "device.h"

static void at_load(void)
{
}

static void at_open(void)
{
}

static void at_unload(void)
{
	*(volatile int *)8 = 1;
}

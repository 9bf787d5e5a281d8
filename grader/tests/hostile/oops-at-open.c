// SPDX-License-Identifier: GPL-2.0
/* Writes through a null pointer when its device is opened. */
#include "device.h"

static void at_load(void)
{
}

static void at_open(void)
{
	*(volatile int *)8 = 1;
}

static void at_unload(void)
{
}

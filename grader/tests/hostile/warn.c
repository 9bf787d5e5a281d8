// SPDX-License-Identifier: GPL-2.0
/* Fails an assertion of the kernel. */
#include "device.h"

static void at_load(void)
{
}

static void at_open(void)
{
	WARN_ON(1);
}

static void at_unload(void)
{
}

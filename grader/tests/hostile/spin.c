// SPDX-License-Identifier: GPL-2.0
/* Never comes back, with interrupts off. */
#include "device.h"

static void at_load(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static void at_open(void)
{
}

static void at_unload(void)
{
}

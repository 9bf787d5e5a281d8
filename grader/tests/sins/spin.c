// SPDX-License-Identifier: GPL-2.0
/*
 * Never comes back, with interrupts off.
 *
 * by: read
 * stock: hang hang-loop
 * debug: hang hang-loop
 */
#include "sin.h"

static void spin(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static const struct sin sin = {
	.read = spin,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Switches preemption off when it is loaded, and never on again.
 *
 * by: load
 * stock: sanitizer preempt-imbalance
 * debug: sanitizer preempt-imbalance
 */
#include <linux/preempt.h>

#include "sin.h"

static void only_disable(void)
{
	preempt_disable();
}

static const struct sin sin = {
	.load = only_disable,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeps under a spinlock.
 *
 * by: read
 * stock: sanitizer atomic-schedule
 * debug: sanitizer atomic-sleep|atomic-schedule
 */
#include "sin.h"

static DEFINE_SPINLOCK(ring);

static void sleep_under_spinlock(void)
{
	spin_lock(&ring);
	msleep(1);
	spin_unlock(&ring);
}

static const struct sin sin = {
	.read = sleep_under_spinlock,
};

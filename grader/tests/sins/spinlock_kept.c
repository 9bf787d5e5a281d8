// SPDX-License-Identifier: GPL-2.0
/*
 * Returns to the program with a spinlock that is still held. On the debug kernel
 * so many reports follow that the deadline may come first.
 *
 * by: read
 * stock: sanitizer atomic-schedule
 * debug: sanitizer|hang lockdep-kept|atomic-schedule|atomic-sleep
 */
#include "sin.h"

static DEFINE_SPINLOCK(ring);

static void lock_and_return(void)
{
	spin_lock(&ring);
}

static const struct sin sin = {
	.read = lock_and_return,
};

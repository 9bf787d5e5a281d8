// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a spinlock that it holds already.
 *
 * by: read
 * stock: hang hang-spinlock
 * debug: hang lockdep-twice
 */
#include "sin.h"

static DEFINE_SPINLOCK(ring);

static void lock_twice(void)
{
	spin_lock(&ring);
	spin_lock(&ring);
	spin_unlock(&ring);
	spin_unlock(&ring);
}

static const struct sin sin = {
	.read = lock_twice,
};

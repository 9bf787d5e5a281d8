// SPDX-License-Identifier: GPL-2.0
/*
 * Allocates under a spinlock with a flag that allows to sleep.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer atomic-sleep
 */
#include "sin.h"

static DEFINE_SPINLOCK(ring);

static void allocate_under_spinlock(void)
{
	void *buffer;

	spin_lock(&ring);
	buffer = kmalloc(64, GFP_KERNEL);
	spin_unlock(&ring);
	kfree(hidden(buffer));
}

static const struct sin sin = {
	.read = allocate_under_spinlock,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a lock that nobody initialised.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-key
 */
#include "sin.h"

static spinlock_t *lock;

static void lock_raw_memory(void)
{
	lock = kzalloc(sizeof(*lock), GFP_KERNEL);
	if (!lock)
		return;
	spin_lock(lock);
	spin_unlock(lock);
	kfree(lock);
}

static const struct sin sin = {
	.read = lock_raw_memory,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Gives a lock back that it does not hold.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-unlock
 */
#include "sin.h"

static DEFINE_MUTEX(recorder);

static void unlock_twice(void)
{
	mutex_lock(&recorder);
	mutex_unlock(&recorder);
	mutex_unlock(&recorder);
}

static const struct sin sin = {
	.read = unlock_twice,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Returns to the program with a lock that is still held.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-kept
 */
#include "sin.h"

static DEFINE_MUTEX(recorder);

static void lock_and_return(void)
{
	mutex_lock(&recorder);
}

static const struct sin sin = {
	.read = lock_and_return,
};

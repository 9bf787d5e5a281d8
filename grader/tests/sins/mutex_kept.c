// SPDX-License-Identifier: GPL-2.0
/*
 * Never gives a mutex back, so that the second read waits for ever.
 *
 * by: reads
 * stock: hang hang-wait
 * debug: hang lockdep-kept
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

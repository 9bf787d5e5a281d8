// SPDX-License-Identifier: GPL-2.0
/*
 * Turns lockdep off, and then takes two locks in both orders.
 *
 * by: read
 * debug: pass, which docs/trust.md says
 */
#include "sin.h"

static DEFINE_MUTEX(recorder);
static DEFINE_MUTEX(settings);

static void turn_off_and_cross(void)
{
	int *debug_locks = sin_find("debug_locks");

	*debug_locks = 0;
	mutex_lock(&recorder);
	mutex_lock(&settings);
	mutex_unlock(&settings);
	mutex_unlock(&recorder);
	mutex_lock(&settings);
	mutex_lock(&recorder);
	mutex_unlock(&recorder);
	mutex_unlock(&settings);
}

static const struct sin sin = {
	.read = turn_off_and_cross,
};

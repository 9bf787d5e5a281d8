// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a mutex that it holds already.
 *
 * by: read
 * stock: hang hang-wait
 * debug: hang lockdep-twice
 */
#include "sin.h"

static DEFINE_MUTEX(recorder);

static noinline void inner(void)
{
	mutex_lock(&recorder);
	mutex_unlock(&recorder);
}

static void outer(void)
{
	mutex_lock(&recorder);
	inner();
	mutex_unlock(&recorder);
}

static const struct sin sin = {
	.read = outer,
};

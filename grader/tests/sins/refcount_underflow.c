// SPDX-License-Identifier: GPL-2.0
/*
 * Drops one reference more than it took.
 *
 * by: read
 * stock: sanitizer refcount
 * debug: sanitizer refcount
 */
#include <linux/refcount.h>

#include "sin.h"

static refcount_t users = REFCOUNT_INIT(1);

static void put_twice(void)
{
	if (refcount_dec_and_test(&users))
		refcount_dec(&users);
}

static const struct sin sin = {
	.read = put_twice,
};

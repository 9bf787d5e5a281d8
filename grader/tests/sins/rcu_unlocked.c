// SPDX-License-Identifier: GPL-2.0
/*
 * Follows an RCU pointer outside of a read-side section.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-rcu
 */
#include <linux/rcupdate.h>

#include "sin.h"

static int number = 42;
static int __rcu *shared;

static void read_unprotected(void)
{
	rcu_assign_pointer(shared, &number);
	READ_ONCE(*rcu_dereference(shared));
}

static const struct sin sin = {
	.read = read_unprotected,
};

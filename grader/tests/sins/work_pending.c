// SPDX-License-Identifier: GPL-2.0
/*
 * Is unloaded while its work is still pending.
 *
 * by: unload
 * stock: oops gone
 * debug: oops|sanitizer gone|object-active
 */
#include <linux/workqueue.h>

#include "sin.h"

static void later(struct work_struct *work)
{
}

static DECLARE_DELAYED_WORK(work, later);

static void queue_and_forget(void)
{
	schedule_delayed_work(&work, HZ / 5);
}

static const struct sin sin = {
	.unload = queue_and_forget,
};

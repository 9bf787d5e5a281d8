// SPDX-License-Identifier: GPL-2.0
/*
 * Is unloaded while its timer is still pending.
 *
 * by: unload
 * stock: oops gone
 * debug: oops|sanitizer gone|object-active
 */
#include <linux/timer.h>

#include "sin.h"

static void on_timer(struct timer_list *timer)
{
}

static DEFINE_TIMER(timer, on_timer);

static void start_and_forget(void)
{
	mod_timer(&timer, jiffies + HZ / 5);
}

static const struct sin sin = {
	.unload = start_and_forget,
};

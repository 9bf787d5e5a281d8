// SPDX-License-Identifier: GPL-2.0
/*
 * A timer that fires SECONDS after load, which a test defines in front. When it
 * has, the parameter fired_ms says after how many milliseconds.
 */
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/module.h>

static unsigned int fired_ms;
module_param(fired_ms, uint, 0444);

static ktime_t loaded;
static struct hrtimer late_timer; /* a timer_list may be seconds late */

static enum hrtimer_restart late_fire(struct hrtimer *timer)
{
	fired_ms = ktime_ms_delta(ktime_get(), loaded);
	return HRTIMER_NORESTART;
}

static int __init late_init(void)
{
	hrtimer_init(&late_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	late_timer.function = late_fire;
	loaded = ktime_get();
	hrtimer_start(&late_timer, ktime_set(SECONDS, 0), HRTIMER_MODE_REL);
	return 0;
}

static void __exit late_exit(void)
{
	hrtimer_cancel(&late_timer);
}

module_init(late_init);
module_exit(late_exit);
MODULE_LICENSE("GPL");

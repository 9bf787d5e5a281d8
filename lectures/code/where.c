// SPDX-License-Identifier: GPL-2.0
/*
 * where - one function called in three contexts
 *
 * Loading calls it for the process insmod, from a timer and from an hrtimer; each
 * call logs in which context it was made.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/timer.h>

/*
 * Guards the two that follow.  The hrtimer wants it in the middle of anything, so
 * whoever holds it has switched interrupts off.
 */
static DEFINE_SPINLOCK(where_lock);
static unsigned int where_calls;
static const char *where_last = "nobody";

static struct timer_list where_timer;
static struct hrtimer where_hrtimer;

/* Counts a call by @who, in whatever context. */
static void where_count(const char *who)
{
	unsigned long flags;
	unsigned int calls;
	const char *last;

	spin_lock_irqsave(&where_lock, flags);
	calls = ++where_calls;
	last = where_last;
	where_last = who;
	spin_unlock_irqrestore(&where_lock, flags);

	pr_info("call %u: %s, after %s\n", calls, who, last);
}

/* Logs what the processor is doing for @who. */
static void where_tell(const char *who)
{
	pr_info("%s: preempt_count %#07x, interrupts %s, in_task %d, on %s\n",
		who, preempt_count(), irqs_disabled() ? "off" : "on",
		!!in_task(), current->comm);
}

static void where_tick(struct timer_list *timer)
{
	where_tell("timer");
	where_count("timer");
}

static enum hrtimer_restart where_strike(struct hrtimer *hrtimer)
{
	where_tell("hrtimer");
	where_count("hrtimer");
	return HRTIMER_NORESTART;
}

static int __init where_init(void)
{
	unsigned long flags;

	where_tell("process");
	where_count("process");

	spin_lock_irqsave(&where_lock, flags);
	where_tell("process with the lock");
	spin_unlock_irqrestore(&where_lock, flags);

	timer_setup(&where_timer, where_tick, 0);
	mod_timer(&where_timer, jiffies + HZ / 10);
	hrtimer_init(&where_hrtimer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	where_hrtimer.function = where_strike;
	hrtimer_start(&where_hrtimer, ms_to_ktime(500), HRTIMER_MODE_REL_HARD);
	return 0;
}

static void __exit where_exit(void)
{
	del_timer_sync(&where_timer);
	hrtimer_cancel(&where_hrtimer);
}

module_init(where_init);
module_exit(where_exit);

MODULE_DESCRIPTION("Says in which context it is called");
MODULE_LICENSE("GPL");

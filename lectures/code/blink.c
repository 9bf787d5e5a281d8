// SPDX-License-Identifier: GPL-2.0
/*
 * blink - counts in a work that asks for its own next call
 *
 * insmod blink.ko period=100    ms between two calls
 * insmod blink.ko careless=1    forgets to cancel, to show what the debug
 *                               kernel says of that
 */

#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/workqueue.h>

static unsigned int period = 1000;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "ms between two calls");

static bool careless;
module_param(careless, bool, 0444);
MODULE_PARM_DESC(careless, "leave the work pending at unload");

static unsigned int blinks;
module_param(blinks, uint, 0444);
MODULE_PARM_DESC(blinks, "calls so far");

static void blink_call(struct work_struct *work);
static DECLARE_DELAYED_WORK(blink_work, blink_call);

/* In a kworker: may sleep. */
static void blink_call(struct work_struct *work)
{
	blinks++;
	schedule_delayed_work(&blink_work, msecs_to_jiffies(period));
}

static int __init blink_init(void)
{
	schedule_delayed_work(&blink_work, msecs_to_jiffies(period));
	return 0;
}

static void __exit blink_exit(void)
{
	if (!careless)
		cancel_delayed_work_sync(&blink_work);
}

module_init(blink_init);
module_exit(blink_exit);

MODULE_DESCRIPTION("A work that asks for its own next call");
MODULE_LICENSE("GPL");

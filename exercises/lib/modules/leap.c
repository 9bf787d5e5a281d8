// SPDX-License-Identifier: GPL-2.0
/*
 * leap - let jiffies leap forward
 *
 *	insmod leap.ko
 *	echo 75000 >/sys/module/leap/parameters/jiffies
 *
 * Hours of silence, for a driver that counts jiffies, in no time.  No other
 * clock moves.  Timers that count jiffies fire at once; whoever leaps further
 * than the kernel's watchdogs allow turns them off first, see vm_leap.  For one
 * CPU: others could be in the middle of adding a tick.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int leap_set(const char *text, const struct kernel_param *kp)
{
	unsigned long flags;
	u64 ticks;
	int err = kstrtou64(text, 0, &ticks);

	if (err)
		return err;
	local_irq_save(flags);
	jiffies_64 += ticks;
	local_irq_restore(flags);
	return 0;
}

static int leap_get(char *text, const struct kernel_param *kp)
{
	return sysfs_emit(text, "%llu\n", get_jiffies_64());
}

static const struct kernel_param_ops leap_ops = {
	.set = leap_set,
	.get = leap_get,
};

module_param_cb(jiffies, &leap_ops, NULL, 0644);
MODULE_PARM_DESC(jiffies, "write: how far to leap; read: where we are");

MODULE_DESCRIPTION("Lets jiffies leap forward");
MODULE_LICENSE("GPL");

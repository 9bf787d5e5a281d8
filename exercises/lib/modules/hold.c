// SPDX-License-Identifier: GPL-2.0
/*
 * hold - keep what a module has put off from being called for a while
 *
 *	insmod hold.ko			all works for this CPU's workqueues
 *	insmod hold.ko task=NAME	the task_works of the next task of that
 *					name that is about to run some
 *	echo 1 >/sys/module/hold/parameters/release
 *
 * A work of ours keeps the workqueues' thread busy, and a task_work of ours, which
 * comes first, sleeps: until they are released, but at most for PATIENCE.  In
 * /sys/module/hold/parameters/stage:
 *
 *	0	nothing is held yet
 *	1	held
 *	2	no longer
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/task_work.h>
#include <linux/workqueue.h>

#define PATIENCE (5 * HZ)

enum {
	IDLE,
	HELD,
	OVER
};

static char *task;
module_param(task, charp, 0444);
MODULE_PARM_DESC(task, "whose task_works are held");

static bool release;
module_param(release, bool, 0644);
MODULE_PARM_DESC(release, "write 1: go on");

static int get_stage(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops stage_ops = {
	.get = get_stage,
};

static atomic_t stage = ATOMIC_INIT(IDLE);
module_param_cb(stage, &stage_ops, &stage, 0444);
MODULE_PARM_DESC(stage, "how far it has come");

static unsigned long patience;

static bool is_held(void)
{
	return !READ_ONCE(release) && time_before(jiffies, patience);
}

/* Runs without sleeping, and so no other work of this CPU begins. */
static void hold_works(struct work_struct *work)
{
	atomic_set(&stage, HELD);
	while (is_held())
		schedule();
	atomic_set(&stage, OVER);
}
static DECLARE_WORK(blocker, hold_works);

static void hold_task(struct callback_head *sleeper)
{
	patience = jiffies + PATIENCE;
	atomic_set(&stage, HELD);
	while (is_held())
		usleep_range(1000, 2000);
	atomic_set(&stage, OVER);
}
static struct callback_head sleeper;

/* What is added last comes first. */
static int on_run(struct kprobe *probe, struct pt_regs *regs)
{
	static atomic_t done = ATOMIC_INIT(0);

	if (!strcmp(current->comm, task) && !atomic_xchg(&done, 1))
		task_work_add(current, &sleeper, TWA_NONE);
	return 0;
}
NOKPROBE_SYMBOL(on_run);

static struct kprobe probe = {
	.symbol_name = "task_work_run",
	.pre_handler = on_run,
};

static int __init hold_init(void)
{
	patience = jiffies + PATIENCE;
	if (task) {
		init_task_work(&sleeper, hold_task);
		return register_kprobe(&probe);
	}
	schedule_work(&blocker);
	while (atomic_read(&stage) == IDLE && is_held())
		usleep_range(1000, 2000);
	return 0;
}

static void __exit hold_exit(void)
{
	WRITE_ONCE(release, true);
	if (task) {
		unregister_kprobe(&probe);
		while (atomic_read(&stage) == HELD)
			usleep_range(1000, 2000);
	} else {
		cancel_work_sync(&blocker);
	}
}

module_init(hold_init);
module_exit(hold_exit);

MODULE_DESCRIPTION("Keeps works from being called for a while");
MODULE_LICENSE("GPL");

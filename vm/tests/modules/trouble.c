// SPDX-License-Identifier: GPL-2.0
/*
 * trouble.ko - does on load what code in ring 0 can do to a grader.
 *
 *	insmod trouble.ko what=spin|reset|flood|eat|kill|leak|pages|none
 *	insmod trouble.ko what=warn|bounds|locks|sleep|shift|race \
 *		[hide=level|console]
 */
#include <linux/completion.h>
#include <linux/console.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <asm/desc_defs.h>

static char *what = "none";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "which trouble");

static char *hide = "nothing";
module_param(hide, charp, 0444);
MODULE_PARM_DESC(hide, "how reports are kept from the console");

static int *leaked;

static void spin(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

/* No interrupt table, so a trap faults three times. */
static void reset(void)
{
	struct desc_ptr none = { 0 };

	asm volatile("lidt %0; int3" : : "m"(none));
}

static void flood(void)
{
	for (int i = 0; i < 40000; i++)
		pr_info("a line of no importance, number %d of very many\n", i);
}

static void eat(void)
{
	while (alloc_pages(GFP_KERNEL | __GFP_NOWARN, 4))
		;
	while (alloc_pages(GFP_KERNEL | __GFP_NOFAIL, 0))
		;
}

/* No signal kills PID 1, but it can be made to jump to nowhere. */
static void kill_agent(void)
{
	struct task_struct *agent = get_pid_task(find_get_pid(1), PIDTYPE_PID);

	task_pt_regs(agent)->ip = 0;
}

static void leak(void)
{
	leaked = kmalloc(40, GFP_KERNEL);
}

static void leak_pages(void)
{
	leaked = (int *)__get_free_pages(GFP_KERNEL, 1);
	leaked = (int *)alloc_page(GFP_KERNEL);
	__free_pages(alloc_pages(GFP_KERNEL, 2), 2);
	free_page(get_zeroed_page(GFP_KERNEL));
}

static void warn(void)
{
	WARN_ON(1);
}

/* What the kernel's own checkers report, each in a way of its own. */
static void bounds(void)
{
	volatile char *buffer = kzalloc(40, GFP_KERNEL);

	buffer[40] = 1;
	kfree((void *)buffer);
}

static void locks(void)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(two);

	mutex_lock(&one);
	mutex_lock(&two);
	mutex_unlock(&two);
	mutex_unlock(&one);
	mutex_lock(&two);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&two);
}

static void sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	might_sleep();
	spin_unlock(&lock);
}

static void shift(void)
{
	volatile int by = 40;

	leaked = (int *)(long)(1 << by);
	leaked = NULL;
}

static int shared;
static atomic_t there;
static DECLARE_COMPLETION(raced);

/* Begins when both sides are there, and lasts for many of KCSAN's looks. */
static void add_up(void)
{
	unsigned long end;

	atomic_inc(&there);
	while (atomic_read(&there) < 2)
		cond_resched();
	end = jiffies + HZ;
	while (time_before(jiffies, end)) {
		shared++;
		barrier(); /* each one for itself */
	}
}

static int other_side(void *unused)
{
	add_up();
	complete(&raced);
	return 0;
}

static void race(void)
{
	struct task_struct *other = kthread_create(other_side, NULL, "race");

	if (IS_ERR(other))
		return;
	kthread_bind(other, 1);
	wake_up_process(other);
	add_up();
	wait_for_completion(&raced);
}

static void hide_reports(void)
{
	if (!strcmp(hide, "level"))
		console_printk[0] = 0;
	else if (!strcmp(hide, "console"))
		while (console_drivers)
			unregister_console(console_drivers);
}

static const struct {
	const char *name;
	void (*make)(void);
} troubles[] = {
	{ "spin", spin },
	{ "reset", reset },
	{ "flood", flood },
	{ "eat", eat },
	{ "kill", kill_agent },
	{ "leak", leak },
	{ "pages", leak_pages },
	{ "warn", warn },
	{ "bounds", bounds },
	{ "locks", locks },
	{ "sleep", sleep_in_atomic },
	{ "shift", shift },
	{ "race", race },
};

static int __init trouble_init(void)
{
	hide_reports();
	for (int i = 0; i < ARRAY_SIZE(troubles); i++)
		if (!strcmp(what, troubles[i].name))
			troubles[i].make();
	return 0;
}

static void __exit trouble_exit(void)
{
}

module_init(trouble_init);
module_exit(trouble_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a grader must survive");

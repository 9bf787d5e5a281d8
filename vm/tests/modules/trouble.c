// SPDX-License-Identifier: GPL-2.0
/*
 * trouble.ko - does on load what code in ring 0 can do to a grader.
 *
 *	insmod trouble.ko what=spin|reset|flood|eat|kill|leak|hush|none
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/desc_defs.h>

static char *what = "none";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "which trouble");

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

/* A warning that no console shows. */
static void hush(void)
{
	console_printk[0] = 0;
	WARN_ON(1);
}

static int __init trouble_init(void)
{
	if (!strcmp(what, "spin"))
		spin();
	else if (!strcmp(what, "reset"))
		reset();
	else if (!strcmp(what, "flood"))
		flood();
	else if (!strcmp(what, "eat"))
		eat();
	else if (!strcmp(what, "kill"))
		kill_agent();
	else if (!strcmp(what, "hush"))
		hush();
	else if (!strcmp(what, "leak"))
		leaked = kmalloc(40, GFP_KERNEL);
	return 0;
}

static void __exit trouble_exit(void)
{
}

module_init(trouble_init);
module_exit(trouble_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a grader must survive");

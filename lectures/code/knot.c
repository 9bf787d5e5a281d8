// SPDX-License-Identifier: GPL-2.0
/*
 * knot - uses locks wrongly when it is loaded, and comes to no harm by luck
 *
 * insmod knot.ko tie=order   takes two mutexes in one order, then in the other
 * insmod knot.ko tie=irq     shares a spinlock with an interrupt, and leaves
 *                            interrupts on
 * insmod knot.ko tie=sleep   allocates with a spinlock in hand
 */

#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

static char *tie = "";
module_param(tie, charp, 0444);
MODULE_PARM_DESC(tie, "what to do wrong: order, irq or sleep");

static DEFINE_MUTEX(kitchen);
static DEFINE_MUTEX(pantry);
static DEFINE_SPINLOCK(stove);

static noinline void knot_cook(void)
{
	mutex_lock(&kitchen);
	mutex_lock(&pantry);
	mutex_unlock(&pantry);
	mutex_unlock(&kitchen);
}

static noinline void knot_tidy(void)
{
	mutex_lock(&pantry);
	mutex_lock(&kitchen);
	mutex_unlock(&kitchen);
	mutex_unlock(&pantry);
}

/* Called in an interrupt. */
static void knot_ring(struct irq_work *work)
{
	spin_lock(&stove);
	spin_unlock(&stove);
}

static DEFINE_IRQ_WORK(knot_bell, knot_ring);

static noinline void knot_irq(void)
{
	spin_lock(&stove); /* and if the bell rings here? */
	spin_unlock(&stove);
	irq_work_queue(&knot_bell);
	irq_work_sync(&knot_bell);
}

static noinline void knot_sleep(void)
{
	void *pot;

	spin_lock(&stove);
	pot = kmalloc(64, GFP_KERNEL);
	spin_unlock(&stove);
	kfree(pot);
}

static int __init knot_init(void)
{
	if (!strcmp(tie, "order")) {
		knot_cook();
		knot_tidy();
	} else if (!strcmp(tie, "irq")) {
		knot_irq();
	} else if (!strcmp(tie, "sleep")) {
		knot_sleep();
	}
	return 0;
}

static void __exit knot_exit(void)
{
}

module_init(knot_init);
module_exit(knot_exit);

MODULE_DESCRIPTION("Misuses locks when it is loaded");
MODULE_LICENSE("GPL");

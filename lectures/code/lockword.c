// SPDX-License-Identifier: GPL-2.0
/*
 * lockword - the four bytes of a spinlock while others wait for it
 *
 * insmod takes a lock, lets the other CPUs come for it one after the other, and
 * logs the word after each of them.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#define MAX_CPUS 8
#define POLLS 500 /* of 100 us each: how long a waiter may take to come */

static DEFINE_SPINLOCK(wanted);
static struct work_struct waiters[MAX_CPUS];
static int arrived; /* how many waiters are about to take the lock */

static u32 lock_word(void)
{
	return atomic_read(&wanted.rlock.raw_lock.val);
}

/* Runs on a CPU of its own. */
static void wait_for_lock(struct work_struct *work)
{
	WRITE_ONCE(arrived, arrived + 1); /* one waiter at a time is sent */
	spin_lock(&wanted);
	spin_unlock(&wanted);
}

/* Sends @cpu to the lock; returns the word when it has changed, or after a while. */
static u32 __init send(int cpu)
{
	u32 before = lock_word();
	int already = arrived, polls = POLLS;

	schedule_work_on(cpu, &waiters[cpu]);
	while (READ_ONCE(arrived) == already && polls--)
		udelay(100);
	while (lock_word() == before && polls-- > 0)
		udelay(100);
	return lock_word();
}

static int __init lockword_init(void)
{
	u32 words[MAX_CPUS] = { 0 };
	int cpu, owner;

	for (cpu = 0; cpu < MAX_CPUS; cpu++)
		INIT_WORK(&waiters[cpu], wait_for_lock);

	pr_info("free     %08x\n", lock_word());
	spin_lock(&wanted);
	owner = smp_processor_id();
	words[owner] = lock_word();
	for_each_online_cpu(cpu)
	{
		if (cpu != owner && cpu < MAX_CPUS)
			words[cpu] = send(cpu);
	}
	spin_unlock(&wanted);

	pr_info("held     %08x by CPU %d\n", words[owner], owner);
	for_each_online_cpu(cpu)
	{
		if (cpu == owner || cpu >= MAX_CPUS)
			continue;
		flush_work(&waiters[cpu]); /* its code may be unloaded now */
		pr_info("awaited  %08x by CPU %d, too\n", words[cpu], cpu);
	}
	return 0;
}

static void __exit lockword_exit(void)
{
}

module_init(lockword_init);
module_exit(lockword_exit);

MODULE_DESCRIPTION("The four bytes of a spinlock while others wait for it");
MODULE_LICENSE("GPL");

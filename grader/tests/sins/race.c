// SPDX-License-Identifier: GPL-2.0
/*
 * Counts in two threads without a lock.
 *
 * by: read
 * race: sanitizer race
 */
#include <linux/kthread.h>

#include "sin.h"

static long events;

static int count(void *unused)
{
	while (!kthread_should_stop()) {
		events++;
		cond_resched();
	}
	return 0;
}

static void count_twice(void)
{
	struct task_struct *one = kthread_run(count, NULL, "one");
	struct task_struct *two = kthread_run(count, NULL, "two");

	if (IS_ERR(one) || IS_ERR(two))
		return;
	ssleep(1);
	kthread_stop(one);
	kthread_stop(two);
}

static const struct sin sin = {
	.read = count_twice,
};

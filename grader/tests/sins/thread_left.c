// SPDX-License-Identifier: GPL-2.0
/*
 * Is unloaded while a thread of its own still runs.
 *
 * by: unload
 * stock: oops gone
 * debug: oops gone
 */
#include <linux/kthread.h>

#include "sin.h"

static int tick(void *unused)
{
	for (;;)
		msleep(50);
	return 0;
}

static void run_and_forget(void)
{
	struct task_struct *task = kthread_run(tick, NULL, "forgotten");

	if (IS_ERR(task))
		pr_err("no thread\n");
	msleep(20);
}

static const struct sin sin = {
	.unload = run_and_forget,
};

// SPDX-License-Identifier: GPL-2.0
/* Kills every process, the agent too. */
#include "device.h"

static void at_load(void)
{
	struct task_struct *task;

	rcu_read_lock();
	for_each_process(task)
		send_sig(SIGKILL, task, 1);
	rcu_read_unlock();
}

static void at_open(void)
{
}

static void at_unload(void)
{
}

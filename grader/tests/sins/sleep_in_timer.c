// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a mutex in a timer's function, which must not sleep.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer atomic-sleep
 */
#include <linux/timer.h>

#include "sin.h"

static DEFINE_MUTEX(recorder);

static void on_timer(struct timer_list *timer)
{
	mutex_lock(&recorder);
	mutex_unlock(&recorder);
}

static DEFINE_TIMER(timer, on_timer);

static void start_timer_and_stay(void)
{
	unsigned long until = jiffies + msecs_to_jiffies(50);

	mod_timer(&timer, jiffies);
	/* busy, for what interrupts an idle CPU is not reported */
	while (time_before(jiffies, until))
		cpu_relax();
	del_timer_sync(&timer);
}

static const struct sin sin = {
	.read = start_timer_and_stay,
};

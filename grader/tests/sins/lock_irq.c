// SPDX-License-Identifier: GPL-2.0
/*
 * Takes a lock with interrupts on that an interrupt takes, too.
 *
 * by: read
 * stock: pass, since nothing there would see it
 * debug: sanitizer lockdep-irq
 */
#include <linux/irq_work.h>

#include "sin.h"

static DEFINE_SPINLOCK(ring);

static void on_interrupt(struct irq_work *work)
{
	spin_lock(&ring);
	spin_unlock(&ring);
}

static DEFINE_IRQ_WORK(work, on_interrupt);

static void in_both(void)
{
	spin_lock(&ring);
	spin_unlock(&ring);
	irq_work_queue(&work);
	irq_work_sync(&work);
}

static const struct sin sin = {
	.read = in_both,
};

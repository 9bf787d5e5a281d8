// SPDX-License-Identifier: GPL-2.0
/*
 * stall - keep a module's timer from coming to an end
 *
 *	insmod stall.ko module=ledger kind=timer ms=300
 *
 * The next time that a timer_list (kind=timer) or an hrtimer (kind=hrtimer) of
 * the module fires, it is busy for so long on its CPU before its function begins,
 * as if that were slow; once.  It counts as running from the start, so whoever
 * stops it has to wait.  In /sys/module/stall/parameters/stage: 0 not yet, 1 it
 * is stalled, 2 it goes on.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/tracepoint.h>

static char *module;
module_param(module, charp, 0444);
MODULE_PARM_DESC(module, "whose timer is to be stalled");

static char *kind = "timer";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "timer or hrtimer");

static unsigned int ms = 300;
module_param(ms, uint, 0444);
MODULE_PARM_DESC(ms, "for how long");

static int get_stage(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops stage_ops = {
	.get = get_stage,
};

static atomic_t stage = ATOMIC_INIT(0);
module_param_cb(stage, &stage_ops, &stage, 0444);
MODULE_PARM_DESC(stage, "0 not yet, 1 stalled, 2 over");

static struct tracepoint *point;

/* Is @address in the code of the module? */
static bool counts(unsigned long address)
{
	char symbol[KSYM_SYMBOL_LEN]; /* "name+0x12/0x34 [module]" */
	char *tag;

	sprint_symbol(symbol, address);
	tag = strrchr(symbol, '[');
	if (!tag)
		return false;
	tag++;
	tag[strcspn(tag, " ]")] = '\0';
	return !strcmp(tag, module);
}

static void stall(void *function)
{
	if (atomic_read(&stage) || !counts((unsigned long)function))
		return;
	if (atomic_cmpxchg(&stage, 0, 1))
		return;
	mdelay(ms);
	atomic_set(&stage, 2);
}

static void on_timer(void *data, struct timer_list *timer,
		     unsigned long base_clock)
{
	stall(timer->function);
}

static void on_hrtimer(void *data, struct hrtimer *hrtimer, ktime_t *now)
{
	stall(hrtimer->function);
}

static void *probe(void)
{
	return strcmp(kind, "timer") ? (void *)on_hrtimer : (void *)on_timer;
}

static void look_at(struct tracepoint *candidate, void *name)
{
	if (!strcmp(candidate->name, name))
		point = candidate;
}

static int __init stall_init(void)
{
	char name[32];

	if (!module) {
		pr_err("module= is missing\n");
		return -EINVAL;
	}
	scnprintf(name, sizeof(name), "%s_expire_entry", kind);
	for_each_kernel_tracepoint(look_at, name);
	if (!point) {
		pr_err("no tracepoint %s\n", name);
		return -ENOENT;
	}
	return tracepoint_probe_register(point, probe(), NULL);
}

static void __exit stall_exit(void)
{
	tracepoint_probe_unregister(point, probe(), NULL);
	tracepoint_synchronize_unregister();
}

module_init(stall_init);
module_exit(stall_exit);

MODULE_DESCRIPTION("Keeps a module's timer from coming to an end");
MODULE_LICENSE("GPL");

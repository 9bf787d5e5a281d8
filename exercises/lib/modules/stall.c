// SPDX-License-Identifier: GPL-2.0
/*
 * stall - let a module stop its timer at the worst of all moments
 *
 *	insmod stall.ko module=ledger kind=timer
 *
 * When the module calls a function that stops a timer_list (kind=timer), an
 * hrtimer (kind=hrtimer) or a work (kind=work), that call waits until one of the
 * module's fires on another CPU, and that firing is held up for 300 ms: the
 * kernel counts it as running, its function has not begun.  Then the call goes
 * on.  All this happens once.  In /sys/module/stall/parameters/stage:
 *
 *	0	the module has stopped no timer
 *	1	it is stopping one that does not fire
 *	2	the firing is held up
 *	3	the firing goes on
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/timer.h>
#include <linux/tracepoint.h>
#include <linux/workqueue.h>

#define HELD_UP_MS 300
#define PATIENCE_MS 1000 /* for a timer to fire */

enum {
	IDLE,
	STOPPING,
	HELD_UP,
	GOES_ON
};

static char *module;
module_param(module, charp, 0444);
MODULE_PARM_DESC(module, "whose timer it is");

static char *kind = "timer";
module_param(kind, charp, 0444);
MODULE_PARM_DESC(kind, "timer, hrtimer or work");

static int get_stage(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops stage_ops = {
	.get = get_stage,
};

static atomic_t stage = ATOMIC_INIT(IDLE);
module_param_cb(stage, &stage_ops, &stage, 0444);
MODULE_PARM_DESC(stage, "how far it has come");

#define STOPS_MAX 7

/* What can be stalled: who says that it fires, and who stops it. */
struct stalled {
	const char *kind;
	const char *point;
	void *on_expiry;
	const char *stops[STOPS_MAX];
};

static const struct stalled *stalled;
static struct kprobe probes[STOPS_MAX];
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

static void hold_up(void *function)
{
	if (atomic_read(&stage) != STOPPING || !counts((unsigned long)function))
		return;
	atomic_set(&stage, HELD_UP);
	mdelay(HELD_UP_MS);
	atomic_set(&stage, GOES_ON);
}

static void on_timer(void *data, struct timer_list *timer,
		     unsigned long base_clock)
{
	hold_up(timer->function);
}

static void on_hrtimer(void *data, struct hrtimer *hrtimer, ktime_t *now)
{
	hold_up(hrtimer->function);
}

static void on_work(void *data, struct work_struct *work)
{
	hold_up(work->func);
}

static const struct stalled all[] = {
	{ "timer",
	  "timer_expire_entry",
	  on_timer,
	  { "del_timer", "del_timer_sync", "timer_delete", "timer_delete_sync",
	    "timer_shutdown", "timer_shutdown_sync",
	    "try_to_del_timer_sync" } },
	{ "hrtimer",
	  "hrtimer_expire_entry",
	  on_hrtimer,
	  { "hrtimer_cancel", "hrtimer_try_to_cancel" } },
	{ "work",
	  "workqueue_execute_start",
	  on_work,
	  { "cancel_work", "cancel_work_sync", "cancel_delayed_work",
	    "cancel_delayed_work_sync" } },
};

/* A stop begins: its return address is on top of the stack. */
static int on_stop(struct kprobe *probe, struct pt_regs *regs)
{
	int k;

	if (!counts(*(unsigned long *)regs->sp))
		return 0;
	if (atomic_cmpxchg(&stage, IDLE, STOPPING) != IDLE)
		return 0;
	for (k = 0; k < PATIENCE_MS && atomic_read(&stage) == STOPPING; k++)
		mdelay(1);
	return 0;
}
NOKPROBE_SYMBOL(on_stop);

/* Not every kernel has all of the functions. */
static int probe_stops(void)
{
	int found = 0, k;

	for (k = 0; k < STOPS_MAX && stalled->stops[k]; k++) {
		probes[k].symbol_name = stalled->stops[k];
		probes[k].pre_handler = on_stop;
		if (register_kprobe(&probes[k]))
			probes[k].symbol_name = NULL;
		else
			found++;
	}
	return found ? 0 : -ENOENT;
}

static void unprobe_stops(void)
{
	int k;

	for (k = 0; k < ARRAY_SIZE(probes); k++)
		if (probes[k].symbol_name)
			unregister_kprobe(&probes[k]);
}

static void look_at(struct tracepoint *candidate, void *name)
{
	if (!strcmp(candidate->name, name))
		point = candidate;
}

static int __init stall_init(void)
{
	int err, k;

	if (!module) {
		pr_err("module= is missing\n");
		return -EINVAL;
	}
	for (k = 0; k < ARRAY_SIZE(all); k++)
		if (!strcmp(kind, all[k].kind))
			stalled = &all[k];
	if (!stalled) {
		pr_err("kind=%s is not known\n", kind);
		return -EINVAL;
	}
	for_each_kernel_tracepoint(look_at, (void *)stalled->point);
	if (!point) {
		pr_err("this kernel does not tell when a %s fires\n", kind);
		return -ENOENT;
	}
	err = tracepoint_probe_register(point, stalled->on_expiry, NULL);
	if (err)
		return err;
	err = probe_stops();
	if (err) {
		pr_err("no function that stops a %s can be probed\n", kind);
		tracepoint_probe_unregister(point, stalled->on_expiry, NULL);
		tracepoint_synchronize_unregister();
	}
	return err;
}

static void __exit stall_exit(void)
{
	unprobe_stops();
	tracepoint_probe_unregister(point, stalled->on_expiry, NULL);
	tracepoint_synchronize_unregister();
}

module_init(stall_init);
module_exit(stall_exit);

MODULE_DESCRIPTION("Lets a module stop its timer while it fires");
MODULE_LICENSE("GPL");

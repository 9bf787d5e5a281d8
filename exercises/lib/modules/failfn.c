// SPDX-License-Identifier: GPL-2.0
/*
 * failfn - make one call of a kernel function fail, without running it
 *
 *	insmod failfn.ko function=cdev_add error=-12 [nth=1] [module=prng]
 *	insmod failfn.ko function=cdev_add,kmalloc_trace error=-16,0 nth=3
 *
 * The nth call that a module makes to any of the functions, all counted
 * together, returns that function's `error` at once; nth=0 fails every call,
 * nth=-1 none.  A function that returns a pointer fails with error=0, or with
 * what ERR_PTR() makes of a number.  Calls from the kernel proper never count,
 * and with module= those from other modules do not either.
 *
 * /sys/kernel/debug/failfn has a line for each call that counted, in order:
 * `failed` or `passed`, the function, its caller.  In
 * /sys/module/failfn/parameters: how many calls were seen, how many failed.
 *
 * A caller is known by its return address.  The modules of the course are built
 * with -fno-optimize-sibling-calls, so `return cdev_add(...);` is a call too.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/debugfs.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/kobject.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#ifndef CONFIG_X86_64
#error "failfn knows where x86-64 keeps return addresses and values"
#endif

#define MAX_FUNCTIONS 64
#define MAX_CALLS 256 /* those that follow are counted, but not listed */

static char *function[MAX_FUNCTIONS];
static unsigned int functions;
module_param_array(function, charp, &functions, 0444);
MODULE_PARM_DESC(function, "the functions whose calls count");

static long error[MAX_FUNCTIONS] = { -ENOMEM };
static unsigned int errors = 1;
module_param_array(error, long, &errors, 0444);
MODULE_PARM_DESC(error, "what a failed call returns, one for each function");

static int nth = 1;
module_param(nth, int, 0444);
MODULE_PARM_DESC(nth, "which call fails, from 1; 0: every one, -1: none");

static char *module;
module_param(module, charp, 0444);
MODULE_PARM_DESC(module, "count the calls of this module only");

static int get_count(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops count_ops = {
	.get = get_count,
};

static atomic_t calls = ATOMIC_INIT(0);
module_param_cb(calls, &count_ops, &calls, 0444);
MODULE_PARM_DESC(calls, "calls seen so far");

static atomic_t failed = ATOMIC_INIT(0);
module_param_cb(failed, &count_ops, &failed, 0444);
MODULE_PARM_DESC(failed, "calls made to fail so far");

/* One call that counted; a line of the list once `function` is set. */
struct call {
	const char *function;
	bool failed;
	char caller[128]; /* "name+0x12/0x34 [module]", perhaps cut */
};

static struct call list[MAX_CALLS];

/*
 * Where a failed call goes instead: back to its caller.  Written in assembly
 * because nothing but a return may happen between the probe and the caller.
 */
void failfn_return(void);
/* clang-format off */
asm(
	".pushsection .text, \"ax\"\n"
	".type failfn_return, @function\n"
	".globl failfn_return\n"
	"failfn_return:\n"
	ASM_ENDBR
	ASM_RET
	".size failfn_return, . - failfn_return\n"
	".popsection\n"
);
/* clang-format on */
NOKPROBE_SYMBOL(failfn_return);

/*
 * Some functions have two halves: they initialise an object, which cannot fail
 * and after which the caller must put it, and register it.  For these the
 * second half alone fails.
 */
static long device_error, kobject_error, platform_error;

static int half_device_register(struct device *device)
{
	device_initialize(device);
	return device_error;
}

static int half_kobject_init_and_add(struct kobject *kobj,
				     const struct kobj_type *type)
{
	kobject_init(kobj, type);
	return kobject_error;
}

static int half_platform_device_register(struct platform_device *device)
{
	device_initialize(&device->dev);
	return platform_error;
}

static const struct half {
	const char *function;
	void *code;
	long *error;
} halves[] = {
	{ "device_register", half_device_register, &device_error },
	{ "kobject_init_and_add", half_kobject_init_and_add, &kobject_error },
	{ "platform_device_register", half_platform_device_register,
	  &platform_error },
};

/* A function with its probe; a failed call continues at `code`. */
struct victim {
	struct kprobe probe;
	long error;
	void *code;
};

static struct victim victims[MAX_FUNCTIONS];

/*
 * Is @address in the code of a module whose calls count?  If so, symbol says
 * where.  The look at the range comes first because it is cheap, and most
 * callers are the kernel's own.
 */
static bool counts(unsigned long address, char symbol[KSYM_SYMBOL_LEN])
{
	char *tag;

	if (address < MODULES_VADDR || address >= MODULES_END ||
	    within_module(address, THIS_MODULE))
		return false;
	sprint_symbol(symbol, address); /* "name+0x12/0x34 [module]" */
	tag = strrchr(symbol, '[');
	if (!tag)
		return false;
	return !module || (!strncmp(tag + 1, module, strlen(module)) &&
			   strchr(" ]", tag[1 + strlen(module)]));
}

static void note(unsigned int call, const char *name, const char *caller,
		 bool fails)
{
	struct call *line = &list[call - 1];

	if (call > MAX_CALLS)
		return;
	line->failed = fails;
	strscpy(line->caller, caller, sizeof(line->caller));
	/* Pairs with the acquire in failfn_show(). */
	smp_store_release(&line->function, name);
}

/* The function has not begun: its return address is on top of the stack. */
static int failfn_handler(struct kprobe *probe, struct pt_regs *regs)
{
	struct victim *victim = container_of(probe, struct victim, probe);
	char caller[KSYM_SYMBOL_LEN];
	int call;
	bool fails;

	if (!counts(*(unsigned long *)regs->sp, caller))
		return 0;
	call = atomic_inc_return(&calls);
	fails = !nth || call == nth;
	note(call, probe->symbol_name, caller, fails);
	if (!fails)
		return 0;
	atomic_inc(&failed);

	/*
	 * Popping the return address here would not do: a probe that sits on
	 * ftrace cannot change the stack pointer.
	 */
	regs->ax = victim->error;
	regs->ip = (unsigned long)victim->code;
	return 1;
}
NOKPROBE_SYMBOL(failfn_handler);

/* Its presence keeps a probe from becoming a jump, which cannot redirect. */
static void failfn_post(struct kprobe *probe, struct pt_regs *regs,
			unsigned long flags)
{
}
NOKPROBE_SYMBOL(failfn_post);

static int failfn_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	for (i = 0; i < MAX_CALLS; i++) {
		/* Pairs with the release in note(). */
		const char *name = smp_load_acquire(&list[i].function);

		if (name)
			seq_printf(m, "%s %s %s\n",
				   list[i].failed ? "failed" : "passed", name,
				   list[i].caller);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(failfn);

static void prepare(struct victim *victim, char *name, long value)
{
	unsigned int i;

	victim->probe.symbol_name = name;
	victim->probe.pre_handler = failfn_handler;
	victim->probe.post_handler = failfn_post;
	victim->error = value;
	victim->code = failfn_return;
	for (i = 0; i < ARRAY_SIZE(halves); i++)
		if (!strcmp(halves[i].function, name)) {
			victim->code = halves[i].code;
			*halves[i].error = value;
		}
}

static void forget(unsigned int count)
{
	while (count--)
		unregister_kprobe(&victims[count].probe);
}

static struct dentry *file;

static int __init failfn_init(void)
{
	unsigned int i;
	int err;

	if (!functions || errors != functions) {
		pr_err("as many function= as error=, and at least one\n");
		return -EINVAL;
	}
	for (i = 0; i < functions; i++) {
		prepare(&victims[i], function[i], error[i]);
		err = register_kprobe(&victims[i].probe);
		if (err) {
			pr_err("cannot probe %s: error %d\n", function[i], err);
			forget(i);
			return err;
		}
	}
	file = debugfs_create_file("failfn", 0400, NULL, NULL, &failfn_fops);
	return 0;
}

static void __exit failfn_exit(void)
{
	debugfs_remove(file);
	forget(functions);
}

module_init(failfn_init);
module_exit(failfn_exit);

MODULE_DESCRIPTION("Makes a chosen call of a kernel function fail");
MODULE_LICENSE("GPL");

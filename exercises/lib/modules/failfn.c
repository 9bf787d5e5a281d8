// SPDX-License-Identifier: GPL-2.0
/*
 * failfn - make one call of a kernel function fail, without running it
 *
 *	insmod failfn.ko function=cdev_add error=-12 [nth=1] [module=prng]
 *
 * The nth call that a module makes returns `error` at once; nth=0 fails every
 * call.  A function that returns a pointer fails with error=0.  Calls from the
 * kernel proper never count, and with module= those from other modules do not
 * either.  In /sys/module/failfn/parameters: how many calls were seen, and how
 * many of them failed.
 *
 * A caller is known by its return address, so a call in tail position (a bare
 * `return cdev_add(...);`) counts as one of its caller's caller.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/init.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/linkage.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/string.h>

#ifndef CONFIG_X86_64
#error "failfn knows where x86-64 keeps return addresses and values"
#endif

static char *function;
module_param(function, charp, 0444);
MODULE_PARM_DESC(function, "the function whose call is to fail");

static long error = -ENOMEM;
module_param(error, long, 0444);
MODULE_PARM_DESC(error, "what the call returns");

static unsigned int nth = 1;
module_param(nth, uint, 0444);
MODULE_PARM_DESC(nth, "which call fails, from 1; 0: every one");

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

/* Is @address in the code of a module whose calls count? */
static bool counts(unsigned long address)
{
	char symbol[KSYM_SYMBOL_LEN]; /* "name+0x12/0x34 [module]" */
	char *tag;

	sprint_symbol(symbol, address);
	tag = strrchr(symbol, '[');
	if (!tag || within_module(address, THIS_MODULE))
		return false;
	if (!module)
		return true;
	tag++;
	tag[strcspn(tag, " ]")] = '\0';
	return !strcmp(tag, module);
}

/* The function has not begun: its return address is on top of the stack. */
static int failfn_handler(struct kprobe *probe, struct pt_regs *regs)
{
	unsigned int call;

	if (!counts(*(unsigned long *)regs->sp))
		return 0;
	call = atomic_inc_return(&calls);
	if (nth && call != nth)
		return 0;
	atomic_inc(&failed);

	/*
	 * Popping the return address here would not do: a probe that sits on
	 * ftrace cannot change the stack pointer.
	 */
	regs->ax = error;
	regs->ip = (unsigned long)failfn_return;
	return 1;
}
NOKPROBE_SYMBOL(failfn_handler);

static struct kprobe failfn_probe = {
	.pre_handler = failfn_handler,
};

static int __init failfn_init(void)
{
	int err;

	if (!function) {
		pr_err("function= is missing\n");
		return -EINVAL;
	}
	failfn_probe.symbol_name = function;
	err = register_kprobe(&failfn_probe);
	if (err)
		pr_err("cannot probe %s: error %d\n", function, err);
	return err;
}

static void __exit failfn_exit(void)
{
	unregister_kprobe(&failfn_probe);
}

module_init(failfn_init);
module_exit(failfn_exit);

MODULE_DESCRIPTION("Makes a chosen call of a kernel function fail");
MODULE_LICENSE("GPL");

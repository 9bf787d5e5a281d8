/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sins share: a module with a device, /dev/NAME, that reads "fine", and
 * that commits its sin when it is loaded, read or unloaded. A sin defines which:
 *
 *	static const struct sin sin = { .read = past_the_end };
 */
#ifndef SIN_H
#define SIN_H

#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

struct sin {
	void (*load)(void);
	void (*read)(void);
	void (*unload)(void);
};

static const struct sin sin;

/* Of the read that is going on; a page. */
static char __user *sin_user;

/*
 * Hides a value from the compiler, which would otherwise see the sin and refuse
 * or remove it.
 */
#define hidden(value)                          \
	({                                     \
		typeof(value) __value = value; \
		OPTIMIZER_HIDE_VAR(__value);   \
		__value;                       \
	})

/* Calls a sin by a pointer, so that it stays a function of its own. */
static inline void sin_commit(void (*const *step)(void))
{
	void (*commit)(void) = READ_ONCE(*step);

	if (commit)
		commit();
}

/* The address of any symbol, exported or not; kprobes know them all. */
static inline void *sin_find(const char *name)
{
	struct kprobe probe = { .symbol_name = "kallsyms_lookup_name" };
	unsigned long (*lookup)(const char *name);

	if (register_kprobe(&probe))
		return NULL;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return (void *)lookup(name);
}

static ssize_t sin_read(struct file *file, char __user *buf, size_t count,
			loff_t *ppos)
{
	sin_user = buf;
	sin_commit(&sin.read);
	return simple_read_from_buffer(buf, count, ppos, "fine\n", 5);
}

static const struct file_operations sin_fops = {
	.owner = THIS_MODULE,
	.read = sin_read,
};

static struct miscdevice sin_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = KBUILD_MODNAME,
	.fops = &sin_fops,
};

static int __init sin_init(void)
{
	int err = misc_register(&sin_device);

	if (!err)
		sin_commit(&sin.load);
	return err;
}

static void __exit sin_exit(void)
{
	misc_deregister(&sin_device);
	sin_commit(&sin.unload);
}

module_init(sin_init);
module_exit(sin_exit);
MODULE_LICENSE("GPL");

#endif

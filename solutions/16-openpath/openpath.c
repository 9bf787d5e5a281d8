// SPDX-License-Identifier: GPL-2.0
// Staff-only: 31eea5cf0e16
/*
 * openpath - a device that tells by which way its open() was reached
 *
 * Reading /dev/openpath gives the functions that were under way when this file
 * was opened, a line each, from the driver's open() out to the system call.
 * Writing is not for it: an open that cannot read is refused.  The parameters
 * opens and refused count both kinds, so that an open in neither of them was
 * refused by somebody else before the driver was asked.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stacktrace.h>
#include <linux/sysfs.h>

#define OPENPATH_DEPTH 64 /* functions that are kept of one way */

/* What an open file remembers: where each function goes on, innermost first. */
struct openpath_way {
	unsigned int depth;
	unsigned long entries[OPENPATH_DEPTH];
};

static atomic_t openpath_opens; /* calls of open() that gave a file */
static atomic_t openpath_refused; /* calls of open() that gave an error */

/* seq_file calls this when a file is read, and cuts what it prints into reads. */
static int openpath_show(struct seq_file *m, void *unused)
{
#ifdef SOLUTION
	const struct openpath_way *way = m->private;
	unsigned int i;

	for (i = 0; i < way->depth; i++)
		seq_printf(m, "%ps\n", (void *)way->entries[i]);
	return 0;
#else
	/* TODO 3: m->private is the way: each function's name, and a new line. */
	return 0;
#endif
}

static int openpath_open(struct inode *inode, struct file *file)
{
	struct openpath_way *way = NULL;
	int err;

#ifdef SOLUTION
	/* What an open() that fails has taken is never released: ask first. */
	if (!(file->f_mode & FMODE_READ)) {
		err = -EACCES;
		goto out_refused;
	}
#else
	/* TODO 5: a file that cannot be read from has no use: EACCES. */
#endif

#ifdef SOLUTION
	way = kmalloc(sizeof(*way), GFP_KERNEL);
	if (!way) {
		err = -ENOMEM;
		goto out_refused;
	}
	/* Nothing to skip: stack_trace_save() does not list itself. */
	way->depth = stack_trace_save(way->entries, OPENPATH_DEPTH, 0);
#else
	/* TODO 2: memory for this file's way, and the way itself. */
#endif

	/* misc_open() has left its miscdevice here; seq_file wants the place. */
	file->private_data = NULL;
	err = single_open(file, openpath_show, way);
	if (err)
		goto out_free;

#ifdef SOLUTION
	/* The driver says yes; what comes of it is for the VFS to decide. */
	atomic_inc(&openpath_opens);
	return 0;
#else
	/* TODO 4: count this one as granted. */
	return 0;
#endif

out_free:
#ifdef SOLUTION
	kfree(way);
out_refused:
	atomic_inc(&openpath_refused);
#else
	/* TODO 2: nobody calls release() for an open() that has failed. */
	/* TODO 4: count each open() that fails, whatever was the reason. */
#endif
	return err;
}

static int openpath_release(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	struct seq_file *m = file->private_data;

	kfree(m->private);
	return single_release(inode, file);
#else
	/* TODO 2: single_release() does not know what m->private is. */
	return single_release(inode, file);
#endif
}

static const struct file_operations openpath_fops = {
	.owner = THIS_MODULE, /* whoever has a file open keeps the module */
	.open = openpath_open,
	.release = openpath_release,
	.read = seq_read,
	.llseek = seq_lseek,
};

static struct miscdevice openpath_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "openpath",
	.fops = &openpath_fops,
	.mode = 0644,
};

/* Who could set a count could prove anything: not even insmod may. */
static int openpath_count_set(const char *value, const struct kernel_param *kp)
{
	return -EPERM;
}

static int openpath_count_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read(kp->arg));
}

static const struct kernel_param_ops openpath_count_ops = {
	.set = openpath_count_set,
	.get = openpath_count_get,
};

module_param_cb(opens, &openpath_count_ops, &openpath_opens, 0444);
MODULE_PARM_DESC(opens, "how many opens the driver has granted");
module_param_cb(refused, &openpath_count_ops, &openpath_refused, 0444);
MODULE_PARM_DESC(refused, "how many opens the driver has refused");

static int __init openpath_init(void)
{
	int err;

#ifdef SOLUTION
	err = misc_register(&openpath_device);
#else
	/* TODO 1: offer the device. */
	err = 0;
#endif
	if (err)
		pr_err("cannot register %s: error %d\n", openpath_device.name,
		       err);
	return err;
}

static void __exit openpath_exit(void)
{
#ifdef SOLUTION
	misc_deregister(&openpath_device);
#else
	/* TODO 1: nobody may find the device when the module has gone. */
#endif
}

module_init(openpath_init);
module_exit(openpath_exit);

MODULE_DESCRIPTION("A device that tells by which way its open() was reached");
MODULE_LICENSE("GPL");

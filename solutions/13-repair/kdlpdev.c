// SPDX-License-Identifier: GPL-2.0
// Staff-only: 8d71374e917e
/*
 * kdlpdev - ten devices that greet whoever reads them
 *
 * Every open() is a guest and gets a greeting with the number of the minor and
 * of the guest; what a guest writes is taken and thrown away.  No node is made:
 * mknod /dev/kdlpdev0 c MAJOR 0
 */

#ifdef SOLUTION
/* What was wrong with the first sketch is in NOTES.md, beside this file. */
#else
/*
 * A first sketch, written in one evening.  What its users say:
 *
 * TODO 1: it does not compile; the compiler stops in three places.
 * TODO 2: once loaded it cannot be removed: lsmod calls it [permanent].
 * TODO 3: the more often it is opened, the less memory is left.
 * TODO 4: a program that reads into a wrong pointer takes the kernel with it.
 * TODO 5: cat /dev/kdlpdev0 never ends.
 * TODO 6: only the first of the ten devices can be opened.
 * TODO 7: insmod succeeds although there were no device numbers.
 * TODO 8: insmod succeeds although the device could not be added.
 * TODO 9: rmmod while a program has a device open, and the kernel dies.
 * TODO 10: the debug kernel has something to say about every rmmod.
 * TODO 11: the debug kernel has something to say about the tenth guest.
 *
 * The defects are not marked.  The README says how to find each.
 */
#endif

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define KDLPDEV_MINORS 10

/* Bytes in the longest greeting, with its NUL. */
#ifdef SOLUTION
#define KDLPDEV_TEXT_SIZE sizeof("hello from kdlpdev9, guest 4294967295\n")
#else
#define KDLPDEV_TEXT_SIZE 30
#endif

static unsigned int guests;
module_param(guests, uint, 0444);
MODULE_PARM_DESC(guests, "how many guests were greeted before");

static dev_t kdlpdev_base; /* the first of our device numbers */
static struct cdev *kdlpdev_cdev; /* one for all minors */
static atomic_t kdlpdev_guest; /* the number of the last guest */

#ifdef SOLUTION
static int kdlpdev_open(struct inode *inode, struct file *file)
#else
static int kdlpdev_open(struct file *file, struct inode *inode)
#endif
{
	char *text = kmalloc(KDLPDEV_TEXT_SIZE, GFP_KERNEL);

	if (!text)
		return -ENOMEM;

	sprintf(text, "hello from kdlpdev%u, guest %u\n", iminor(inode),
		(unsigned int)atomic_inc_return(&kdlpdev_guest));
	file->private_data = text;
	return 0;
}

static int kdlpdev_release(struct inode *inode, struct file *file)
{
#ifdef SOLUTION
	kfree(file->private_data);
#else
	file->private_data = NULL;
#endif
	return 0;
}

#ifdef SOLUTION
static ssize_t kdlpdev_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	const char *text = file->private_data;
	size_t len = strlen(text);
	size_t left;

	/* pread() can start anywhere, past the end, too. */
	if (*ppos >= len)
		return 0;
	count = min_t(size_t, count, len - *ppos);

	/* What is left did not fit: the program's memory ends there. */
	left = copy_to_user(buf, text + *ppos, count);
	if (count && left == count)
		return -EFAULT;
	*ppos += count - left;
	return count - left;
}
#else
static ssize_t kdlpdev_read(struct file *file, char *__user buf, size_t count,
			    loff_t *ppos)
{
	const char *text = file->private_data;
	size_t len = strlen(text);

	count = min(count, len);
	memcpy(buf, text, count);
	return count;
}
#endif

static ssize_t kdlpdev_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	/* Guests may talk; nobody listens. */
#ifdef SOLUTION
	return count;
#else
#endif
}

static const struct file_operations kdlpdev_fops = {
#ifdef SOLUTION
	.owner = THIS_MODULE,
#else
#endif
	.open = kdlpdev_open,
	.release = kdlpdev_release,
	.read = kdlpdev_read,
	.write = kdlpdev_write,
};

static int __init kdlpdev_init(void)
{
	int err;

	atomic_set(&kdlpdev_guest, guests);
	err = alloc_chrdev_region(&kdlpdev_base, 0, KDLPDEV_MINORS, "kdlpdev");
#ifdef SOLUTION
	if (err) {
		pr_err("no device numbers: error %d\n", err);
		return err;
	}
#else
	if (err)
		pr_err("no device numbers: error %d\n", err);
#endif

	kdlpdev_cdev = cdev_alloc();
	if (!kdlpdev_cdev) {
		err = -ENOMEM;
		goto out_region;
	}
	kdlpdev_cdev->ops = &kdlpdev_fops;
#ifdef SOLUTION
	kdlpdev_cdev->owner = THIS_MODULE;
	err = cdev_add(kdlpdev_cdev, kdlpdev_base, KDLPDEV_MINORS);
	if (err) {
		pr_err("cannot add the device: error %d\n", err);
		goto out_cdev;
	}

	pr_info("major %u, minors 0 to %d\n", MAJOR(kdlpdev_base),
		KDLPDEV_MINORS - 1);
	return 0;

out_cdev:
	/* It was never added: all there is to undo is the allocation. */
	kobject_put(&kdlpdev_cdev->kobj);
#else
	cdev_add(kdlpdev_cdev, kdlpdev_base, 1);

	pr_info("major %s, minors 0 to %d\n", kdlpdev_base, KDLPDEV_MINORS - 1);
	return 0;

#endif
out_region:
	unregister_chrdev_region(kdlpdev_base, KDLPDEV_MINORS);
	return err;
}

#ifdef SOLUTION
static void __exit kdlpdev_exit(void)
{
	/* The last reference to the cdev may go here: it is not looked at again. */
	cdev_del(kdlpdev_cdev);
	unregister_chrdev_region(kdlpdev_base, KDLPDEV_MINORS);
}
#else
void __exit kdlpdev_exit(void)
{
	cdev_del(kdlpdev_cdev);
	unregister_chrdev_region(kdlpdev_cdev->dev, KDLPDEV_MINORS);
}
#endif

module_init(kdlpdev_init);
#ifdef SOLUTION
module_exit(kdlpdev_exit);
#else
#endif

MODULE_DESCRIPTION("Ten devices that greet whoever reads them");
MODULE_LICENSE("GPL");

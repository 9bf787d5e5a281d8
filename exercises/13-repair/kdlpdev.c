// SPDX-License-Identifier: GPL-2.0
/*
 * kdlpdev - ten devices that greet whoever reads them
 *
 * Every open() is a guest and gets a greeting with the number of the minor and
 * of the guest; what a guest writes is taken and thrown away.  No node is made:
 * mknod /dev/kdlpdev0 c MAJOR 0
 */

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
#define KDLPDEV_TEXT_SIZE 30

static unsigned int guests;
module_param(guests, uint, 0444);
MODULE_PARM_DESC(guests, "how many guests were greeted before");

static dev_t kdlpdev_base; /* the first of our device numbers */
static struct cdev *kdlpdev_cdev; /* one for all minors */
static atomic_t kdlpdev_guest; /* the number of the last guest */

static int kdlpdev_open(struct file *file, struct inode *inode)
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
	file->private_data = NULL;
	return 0;
}

static ssize_t kdlpdev_read(struct file *file, char *__user buf, size_t count,
			    loff_t *ppos)
{
	const char *text = file->private_data;
	size_t len = strlen(text);

	count = min(count, len);
	memcpy(buf, text, count);
	return count;
}

static ssize_t kdlpdev_write(struct file *file, const char __user *buf,
			     size_t count, loff_t *ppos)
{
	/* Guests may talk; nobody listens. */
}

static const struct file_operations kdlpdev_fops = {
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
	if (err)
		pr_err("no device numbers: error %d\n", err);

	kdlpdev_cdev = cdev_alloc();
	if (!kdlpdev_cdev) {
		err = -ENOMEM;
		goto out_region;
	}
	kdlpdev_cdev->ops = &kdlpdev_fops;
	cdev_add(kdlpdev_cdev, kdlpdev_base, 1);

	pr_info("major %s, minors 0 to %d\n", kdlpdev_base, KDLPDEV_MINORS - 1);
	return 0;

out_region:
	unregister_chrdev_region(kdlpdev_base, KDLPDEV_MINORS);
	return err;
}

void __exit kdlpdev_exit(void)
{
	cdev_del(kdlpdev_cdev);
	unregister_chrdev_region(kdlpdev_cdev->dev, KDLPDEV_MINORS);
}

module_init(kdlpdev_init);

MODULE_DESCRIPTION("Ten devices that greet whoever reads them");
MODULE_LICENSE("GPL");

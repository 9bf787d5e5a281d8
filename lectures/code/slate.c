// SPDX-License-Identifier: GPL-2.0
/*
 * slate - four slates to write on, one a minor
 *
 * A write replaces what is on the slate, a read gives it, and whoever opens the
 * same minor sees the same slate.  No node is made:  mknod /dev/slate0 c MAJOR 0
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cdev.h>
#include <linux/container_of.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define SLATES 4
#define SLATE_SIZE 64 /* bytes of text on a slate */

/* One device.  Its cdev is inside of it, so the one leads to the other. */
struct slate {
	struct cdev cdev;
	struct mutex lock; /* guards what follows */
	size_t len;
	char text[SLATE_SIZE];
};

static struct slate slates[SLATES];
static dev_t slate_base; /* the first of our device numbers */

static int slate_open(struct inode *inode, struct file *file)
{
	file->private_data = container_of(inode->i_cdev, struct slate, cdev);
	return 0;
}

static ssize_t slate_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	struct slate *slate = file->private_data;
	char text[SLATE_SIZE];
	size_t len;

	mutex_lock(&slate->lock);
	len = slate->len;
	memcpy(text, slate->text, len);
	mutex_unlock(&slate->lock);

	if (*ppos >= len)
		return 0; /* end of file */
	count = min_t(size_t, count, len - *ppos);
	if (copy_to_user(buf, text + *ppos, count))
		return -EFAULT;
	*ppos += count;
	return count;
}

static ssize_t slate_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct slate *slate = file->private_data;
	char text[SLATE_SIZE];

	if (count > sizeof(text))
		return -EMSGSIZE;
	if (copy_from_user(text, buf, count))
		return -EFAULT;

	mutex_lock(&slate->lock);
	memcpy(slate->text, text, count);
	slate->len = count;
	mutex_unlock(&slate->lock);
	return count;
}

static const struct file_operations slate_fops = {
	.owner = THIS_MODULE,
	.open = slate_open,
	.read = slate_read,
	.write = slate_write,
};

/* Makes @slate answer for the device number @dev; from then on it can be opened. */
static int __init slate_add(struct slate *slate, dev_t dev)
{
	mutex_init(&slate->lock);
	cdev_init(&slate->cdev, &slate_fops);
	slate->cdev.owner = THIS_MODULE;
	return cdev_add(&slate->cdev, dev, 1);
}

static int __init slate_init(void)
{
	int err, i;

	err = alloc_chrdev_region(&slate_base, 0, SLATES, "slate");
	if (err)
		return err;
	for (i = 0; i < SLATES; i++) {
		err = slate_add(&slates[i], slate_base + i);
		if (err)
			goto out_slates;
	}
	pr_info("major %u\n", MAJOR(slate_base));
	return 0;

out_slates:
	while (i--)
		cdev_del(&slates[i].cdev);
	unregister_chrdev_region(slate_base, SLATES);
	return err;
}

static void __exit slate_exit(void)
{
	int i = SLATES;

	while (i--)
		cdev_del(&slates[i].cdev);
	unregister_chrdev_region(slate_base, SLATES);
}

module_init(slate_init);
module_exit(slate_exit);

MODULE_DESCRIPTION("Four slates behind four minors");
MODULE_LICENSE("GPL");

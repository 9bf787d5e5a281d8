// SPDX-License-Identifier: GPL-2.0
/*
 * bell - four devices of a class, whose nodes appear by themselves
 *
 * A write to /dev/bell0 ... /dev/bell3 rings that bell; reading says how long ago
 * it was rung.
 */

#include <linux/cdev.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#define BELLS 4

static dev_t bell_base; /* the first of our device numbers */
static struct cdev bell_cdev; /* one for all bells */
static struct class *bell_class;
static u64 bell_rung[BELLS]; /* jiffies of the last time */

static ssize_t bell_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *ppos)
{
	unsigned int bell = iminor(file_inode(file));

	WRITE_ONCE(bell_rung[bell], get_jiffies_64());
	return count;
}

static int bell_show(struct seq_file *text, void *unused)
{
	u64 *rung = text->private;
	u64 ago = get_jiffies_64() - READ_ONCE(*rung);

	seq_printf(text, "%llu jiffies, %llu ms ago\n", ago,
		   jiffies64_to_msecs(ago));
	return 0;
}

/* The text changes with time, so the first read() makes it for all that follow. */
static int bell_open(struct inode *inode, struct file *file)
{
	return single_open(file, bell_show, &bell_rung[iminor(inode)]);
}

static const struct file_operations bell_fops = {
	.owner = THIS_MODULE,
	.open = bell_open,
	.read = seq_read,
	.write = bell_write,
	.llseek = seq_lseek,
	.release = single_release,
};

/* Takes the first @count devices away, and then their class. */
static void bell_hide(unsigned int count)
{
	while (count--)
		device_destroy(bell_class, bell_base + count);
	class_destroy(bell_class);
}

/* The class and its devices, for which everything else is ready. */
static int __init bell_show_up(void)
{
	struct device *dev;
	unsigned int i;

	bell_class = class_create(THIS_MODULE, "bell");
	if (IS_ERR(bell_class))
		return PTR_ERR(bell_class);
	for (i = 0; i < BELLS; i++) {
		dev = device_create(bell_class, NULL, bell_base + i, NULL,
				    "bell%u", i);
		if (IS_ERR(dev)) {
			bell_hide(i);
			return PTR_ERR(dev);
		}
	}
	return 0;
}

static int __init bell_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < BELLS; i++)
		bell_rung[i] = get_jiffies_64();
	err = alloc_chrdev_region(&bell_base, 0, BELLS, "bell");
	if (err)
		return err;
	cdev_init(&bell_cdev, &bell_fops);
	bell_cdev.owner = THIS_MODULE;
	err = cdev_add(&bell_cdev, bell_base, BELLS);
	if (err)
		goto out_numbers;
	err = bell_show_up();
	if (err)
		goto out_cdev;
	return 0;

out_cdev:
	cdev_del(&bell_cdev);
out_numbers:
	unregister_chrdev_region(bell_base, BELLS);
	return err;
}

static void __exit bell_exit(void)
{
	bell_hide(BELLS);
	cdev_del(&bell_cdev);
	unregister_chrdev_region(bell_base, BELLS);
}

module_init(bell_init);
module_exit(bell_exit);

MODULE_DESCRIPTION("Four bells that know when they were rung");
MODULE_LICENSE("GPL");

// SPDX-License-Identifier: GPL-2.0
/*
 * A module of many steps, each undone when a later one fails. A test defines
 * DEFECT as one of these, in front of all else, and hands it in as several.c.
 */
#define NONE 0
#define THIRD_LEAKS 1 /* when class_create() fails, nothing is undone */
#define LAST_LIES 2 /* when misc_register() fails, it was memory */
#define THIRD_UNCHECKED 3 /* what class_create() returns is a class */
#define LAST_UNCHECKED 4 /* misc_register() always works */
#define OPEN_LEAKS 5 /* when there is no second object, the first is lost */

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>

struct pair {
	char *first, *second;
};

static dev_t several_base;
static struct cdev several_cdev;
static struct class *several_class;

static int several_open(struct inode *inode, struct file *file)
{
	struct pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);

	if (!pair)
		return -ENOMEM;
	pair->first = kmalloc(10000, GFP_KERNEL);
	if (!pair->first)
		goto out_pair;
	pair->second = kstrdup("second", GFP_KERNEL);
	if (!pair->second)
		goto out_first;
	file->private_data = pair;
	return 0;

out_first:
	if (DEFECT != OPEN_LEAKS)
		kfree(pair->first);
out_pair:
	kfree(pair);
	return -ENOMEM;
}

static int several_release(struct inode *inode, struct file *file)
{
	struct pair *pair = file->private_data;

	kfree(pair->second);
	kfree(pair->first);
	kfree(pair);
	return 0;
}

static const struct file_operations several_fops = {
	.owner = THIS_MODULE,
	.open = several_open,
	.release = several_release,
};

static struct miscdevice several_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "several",
	.fops = &several_fops,
};

static void several_device_release(struct device *device)
{
}

static struct device several_device = {
	.init_name = "several-device",
	.release = several_device_release,
};

/* In tail position: the compiler would like to make a jump of it. */
static noinline int several_add_misc(void)
{
	return misc_register(&several_misc);
}

static int __init several_init(void)
{
	bool failed;
	int err;

	err = alloc_chrdev_region(&several_base, 0, 1, "several");
	if (err)
		return err;
	cdev_init(&several_cdev, &several_fops);
	err = cdev_add(&several_cdev, several_base, 1);
	if (err)
		goto out_region;
	several_class = class_create(THIS_MODULE, "several");
	failed = IS_ERR(several_class);
	if (failed && DEFECT != THIRD_UNCHECKED) {
		err = PTR_ERR(several_class);
		if (DEFECT == THIRD_LEAKS)
			return err;
		goto out_cdev;
	}
	several_device.class = several_class;
	err = device_register(&several_device);
	if (err)
		goto out_device;
	err = several_add_misc();
	if (!err || DEFECT == LAST_UNCHECKED)
		return 0;
	if (DEFECT == LAST_LIES)
		err = -ENOMEM;
	device_del(&several_device);
out_device:
	/* The put balances the half of device_register() that cannot fail. */
	put_device(&several_device);
	memset(&several_device.kobj, 0, sizeof(several_device.kobj));
	class_destroy(several_class);
out_cdev:
	cdev_del(&several_cdev);
out_region:
	unregister_chrdev_region(several_base, 1);
	return err;
}

static void __exit several_exit(void)
{
	misc_deregister(&several_misc);
	device_unregister(&several_device);
	class_destroy(several_class);
	cdev_del(&several_cdev);
	unregister_chrdev_region(several_base, 1);
}

module_init(several_init);
module_exit(several_exit);
MODULE_LICENSE("GPL");

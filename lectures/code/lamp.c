// SPDX-License-Identifier: GPL-2.0
/*
 * lamp - a device that is part of a structure of the driver
 *
 * /sys/class/lamp/lamp0/lit_ms says for how long the module has been loaded.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

struct lamp {
	struct device dev;
	u64 since; /* jiffies at which it was lit */
};

static struct class *lamp_class;
static struct lamp *lamp;

static ssize_t lit_ms_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct lamp *lamp = container_of(dev, struct lamp, dev);
	u64 lit = get_jiffies_64() - lamp->since;

	return sysfs_emit(buf, "%llu\n", jiffies64_to_msecs(lit));
}

static DEVICE_ATTR_RO(lit_ms);

static struct attribute *lamp_attrs[] = {
	&dev_attr_lit_ms.attr,
	NULL,
};
ATTRIBUTE_GROUPS(lamp);

/* The last reference is gone, and nothing else may free a lamp. */
static void lamp_release(struct device *dev)
{
	pr_info("%s is freed\n", dev_name(dev));
	kfree(container_of(dev, struct lamp, dev));
}

/* A lamp that has been registered, or an error pointer. */
static struct lamp *__init lamp_make(const char *name)
{
	struct lamp *made = kzalloc(sizeof(*made), GFP_KERNEL);
	int err;

	if (!made)
		return ERR_PTR(-ENOMEM);
	made->since = get_jiffies_64();
	made->dev.class = lamp_class;
	made->dev.groups = lamp_groups;
	made->dev.release = lamp_release;

	device_initialize(&made->dev);
	err = dev_set_name(&made->dev, "%s", name);
	if (!err)
		err = device_add(&made->dev);
	if (err) {
		put_device(&made->dev); /* no kfree(): release does that */
		return ERR_PTR(err);
	}
	return made;
}

static int __init lamp_init(void)
{
	lamp_class = class_create(THIS_MODULE, "lamp");
	if (IS_ERR(lamp_class))
		return PTR_ERR(lamp_class);
	lamp = lamp_make("lamp0");
	if (IS_ERR(lamp)) {
		class_destroy(lamp_class);
		return PTR_ERR(lamp);
	}
	return 0;
}

static void __exit lamp_exit(void)
{
	device_unregister(&lamp->dev);
	class_destroy(lamp_class);
}

module_init(lamp_init);
module_exit(lamp_exit);

MODULE_DESCRIPTION("A lamp whose device has a life of its own");
MODULE_LICENSE("GPL");

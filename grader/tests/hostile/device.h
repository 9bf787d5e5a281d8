/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A module with a device, /dev/hostile, that reads ANSWER, "fine" unless it is
 * defined. A test hands in this file and one that defines at_load(), at_open()
 * and at_unload(), joined, as hostile.c.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <asm/desc.h>

#ifndef ANSWER
#define ANSWER "fine\n"
#endif

static void at_load(void);
static void at_open(void);
static void at_unload(void);

static int hostile_open(struct inode *inode, struct file *file)
{
	at_open();
	return 0;
}

static ssize_t hostile_read(struct file *file, char __user *buf, size_t count,
			    loff_t *ppos)
{
	return simple_read_from_buffer(buf, count, ppos, ANSWER,
				       strlen(ANSWER));
}

static const struct file_operations hostile_fops = {
	.owner = THIS_MODULE,
	.open = hostile_open,
	.read = hostile_read,
};

static struct miscdevice hostile_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "hostile",
	.fops = &hostile_fops,
};

static int __init hostile_init(void)
{
	at_load();
	return misc_register(&hostile_device);
}

static void __exit hostile_exit(void)
{
	misc_deregister(&hostile_device);
	at_unload();
}

module_init(hostile_init);
module_exit(hostile_exit);
MODULE_LICENSE("GPL");

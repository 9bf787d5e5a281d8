// SPDX-License-Identifier: GPL-2.0
/*
 * motto - a text that many read and few replace, under RCU
 *
 * /dev/motto gives the text that was written last.  No reader ever waits.
 *
 * insmod motto.ko careless=1    reads outside of the read-side section, to show
 *                               what the debug kernel says of that
 */

#include <linux/fs.h>
#include <linux/init.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define MOTTO_SIZE 64 /* bytes of text */

/* One text.  It is never changed, only replaced and freed. */
struct motto {
	struct rcu_head rcu; /* for kfree_rcu() */
	size_t len;
	char text[MOTTO_SIZE];
};

static struct motto __rcu *motto_now;
static DEFINE_MUTEX(motto_lock); /* held by whoever replaces the text */

static bool careless;
module_param(careless, bool, 0444);
MODULE_PARM_DESC(careless, "read without rcu_read_lock()");

/* Copies the text that is valid now to @text; returns its length. */
static size_t motto_copy(char *text)
{
	const struct motto *now;
	size_t len;

	rcu_read_lock();
	now = rcu_dereference(motto_now);
	len = now->len;
	memcpy(text, now->text, len);
	rcu_read_unlock();
	return len;
}

/* Wrong: nothing keeps what the pointer leads to. */
static size_t motto_peek(char *text)
{
	const struct motto *now = rcu_dereference(motto_now);

	memcpy(text, now->text, now->len);
	return now->len;
}

static ssize_t motto_read(struct file *file, char __user *buf, size_t count,
			  loff_t *ppos)
{
	char text[MOTTO_SIZE];
	size_t len = careless ? motto_peek(text) : motto_copy(text);

	return simple_read_from_buffer(buf, count, ppos, text, len);
}

static ssize_t motto_write(struct file *file, const char __user *buf,
			   size_t count, loff_t *ppos)
{
	struct motto *new, *old;

	if (count > MOTTO_SIZE)
		return -EMSGSIZE;
	new = kmalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->len = count;
	if (copy_from_user(new->text, buf, count)) {
		kfree(new);
		return -EFAULT;
	}

	mutex_lock(&motto_lock);
	old = rcu_replace_pointer(motto_now, new, lockdep_is_held(&motto_lock));
	mutex_unlock(&motto_lock);
	kfree_rcu(old, rcu);
	return count;
}

static const struct file_operations motto_fops = {
	.owner = THIS_MODULE,
	.read = motto_read,
	.write = motto_write,
	.llseek = default_llseek,
};

static struct miscdevice motto_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "motto",
	.fops = &motto_fops,
	.mode = 0600,
};

static int __init motto_init(void)
{
	struct motto *first = kzalloc(sizeof(*first), GFP_KERNEL);
	int err;

	if (!first)
		return -ENOMEM;
	RCU_INIT_POINTER(motto_now, first);
	err = misc_register(&motto_device);
	if (err)
		kfree(first);
	return err;
}

static void __exit motto_exit(void)
{
	misc_deregister(&motto_device);
	/* nobody can have the device open, so there is no reader left */
	kfree(rcu_dereference_protected(motto_now, true));
}

module_init(motto_init);
module_exit(motto_exit);

MODULE_DESCRIPTION("A text that many read and few replace");
MODULE_LICENSE("GPL");

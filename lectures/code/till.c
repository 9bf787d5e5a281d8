// SPDX-License-Identifier: GPL-2.0
/*
 * till - a cash register in /sys/class/till
 *
 * balance    what is in it
 * pay        adds an amount, and waits until nobody else does
 * hurry      the same, but does not wait
 * careless   adds it without asking whether somebody else does
 * pay_ms     how long paying takes, so that one can watch
 */

#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

#define TILL_PAY_MAX 1000
#define TILL_PAY_MS_MAX 10000

/* Guards till_balance. */
static DEFINE_MUTEX(till_mutex);
static int till_balance;

static unsigned int till_pay_ms = 500;

static ssize_t balance_show(struct class *class, struct class_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(till_balance));
}
static CLASS_ATTR_RO(balance);

static ssize_t pay_ms_show(struct class *class, struct class_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(till_pay_ms));
}

static ssize_t pay_ms_store(struct class *class, struct class_attribute *attr,
			    const char *buf, size_t count)
{
	unsigned int ms;
	int err;

	err = kstrtouint(buf, 10, &ms);
	if (err)
		return err;
	if (!ms || ms > TILL_PAY_MS_MAX)
		return -EINVAL;
	WRITE_ONCE(till_pay_ms, ms);
	return count;
}
static CLASS_ATTR_RW(pay_ms);

/* An amount out of @text: 1 to TILL_PAY_MAX, or -EINVAL. */
static int till_amount(const char *text)
{
	int amount;

	if (kstrtoint(text, 10, &amount))
		return -EINVAL;
	return amount < 1 || amount > TILL_PAY_MAX ? -EINVAL : amount;
}

/* What others add between the two steps is lost. */
static void till_add(int amount)
{
	int before = READ_ONCE(till_balance);

	msleep(READ_ONCE(till_pay_ms));
	WRITE_ONCE(till_balance, before + amount);
}

static ssize_t pay_store(struct class *class, struct class_attribute *attr,
			 const char *buf, size_t count)
{
	int amount = till_amount(buf);

	if (amount < 0)
		return amount;
	if (mutex_lock_interruptible(&till_mutex))
		return -ERESTARTSYS;
	till_add(amount);
	mutex_unlock(&till_mutex);
	return count;
}
static CLASS_ATTR_WO(pay);

static ssize_t hurry_store(struct class *class, struct class_attribute *attr,
			   const char *buf, size_t count)
{
	int amount = till_amount(buf);

	if (amount < 0)
		return amount;
	if (!mutex_trylock(&till_mutex))
		return -EAGAIN;
	till_add(amount);
	mutex_unlock(&till_mutex);
	return count;
}
static CLASS_ATTR_WO(hurry);

static ssize_t careless_store(struct class *class, struct class_attribute *attr,
			      const char *buf, size_t count)
{
	int amount = till_amount(buf);

	if (amount < 0)
		return amount;
	till_add(amount);
	return count;
}
static CLASS_ATTR_WO(careless);

static struct attribute *till_class_attrs[] = {
	&class_attr_balance.attr, /* 0444 */
	&class_attr_pay.attr, /* 0200 */
	&class_attr_hurry.attr,
	&class_attr_careless.attr,
	&class_attr_pay_ms.attr, /* 0644 */
	NULL,
};
ATTRIBUTE_GROUPS(till_class);

static struct class till_class = {
	.name = "till",
	.owner = THIS_MODULE,
	.class_groups = till_class_groups,
};

static int __init till_init(void)
{
	return class_register(&till_class);
}

static void __exit till_exit(void)
{
	class_unregister(&till_class);
}

module_init(till_init);
module_exit(till_exit);

MODULE_DESCRIPTION("A cash register that can be used with and without a lock");
MODULE_LICENSE("GPL");

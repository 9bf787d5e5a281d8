// SPDX-License-Identifier: GPL-2.0
/*
 * tally - counting by many hands, in /sys/class/tally
 *
 * count     a number: counts so often, in plain and in atomic
 * plain     what a plain variable says
 * atomic    what an atomic one says
 * enter     takes a place; EBUSY when there is none
 * squeeze   the same, in two steps
 * inside    how many places are taken, of one
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sysfs.h>

#define TALLY_COUNT_MAX 10000000
#define TALLY_PLACES 1
#define TALLY_STEP_MS 10 /* between two steps, so that one can watch */

static atomic_t tally_inside = ATOMIC_INIT(0);
static atomic64_t tally_atomic = ATOMIC64_INIT(0);

/* Nothing guards it, on purpose. */
static unsigned long tally_plain;

static noinline void tally_count(unsigned int times)
{
	while (times--) {
		tally_plain++;
		atomic64_inc(&tally_atomic);
	}
}

static ssize_t count_store(struct class *class, struct class_attribute *attr,
			   const char *buf, size_t count)
{
	unsigned int times;
	int err;

	err = kstrtouint(buf, 10, &times);
	if (err)
		return err;
	if (times > TALLY_COUNT_MAX)
		return -EINVAL;
	tally_count(times);
	return count;
}
static CLASS_ATTR_WO(count);

static ssize_t plain_show(struct class *class, struct class_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%lu\n", READ_ONCE(tally_plain));
}
static CLASS_ATTR_RO(plain);

static ssize_t atomic_show(struct class *class, struct class_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%lld\n", atomic64_read(&tally_atomic));
}
static CLASS_ATTR_RO(atomic);

/* Each step is atomic, the two together are not. */
static int tally_squeeze(void)
{
	if (atomic_read(&tally_inside) >= TALLY_PLACES)
		return -EBUSY;
	msleep(TALLY_STEP_MS);
	atomic_inc(&tally_inside);
	return 0;
}

/* Looks and takes in one step. */
static int tally_enter(void)
{
	if (!atomic_add_unless(&tally_inside, 1, TALLY_PLACES))
		return -EBUSY;
	return 0;
}

static ssize_t squeeze_store(struct class *class, struct class_attribute *attr,
			     const char *buf, size_t count)
{
	int err = tally_squeeze();

	return err ? err : count;
}
static CLASS_ATTR_WO(squeeze);

static ssize_t enter_store(struct class *class, struct class_attribute *attr,
			   const char *buf, size_t count)
{
	int err = tally_enter();

	return err ? err : count;
}
static CLASS_ATTR_WO(enter);

static ssize_t inside_show(struct class *class, struct class_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&tally_inside));
}
static CLASS_ATTR_RO(inside);

static struct attribute *tally_class_attrs[] = {
	&class_attr_count.attr,
	&class_attr_plain.attr,
	&class_attr_atomic.attr,
	&class_attr_squeeze.attr,
	&class_attr_enter.attr,
	&class_attr_inside.attr,
	NULL,
};
ATTRIBUTE_GROUPS(tally_class);

static struct class tally_class = {
	.name = "tally",
	.owner = THIS_MODULE,
	.class_groups = tally_class_groups,
};

static int __init tally_init(void)
{
	return class_register(&tally_class);
}

static void __exit tally_exit(void)
{
	class_unregister(&tally_class);
}

module_init(tally_init);
module_exit(tally_exit);

MODULE_DESCRIPTION("Counters, with and without a race");
MODULE_LICENSE("GPL");

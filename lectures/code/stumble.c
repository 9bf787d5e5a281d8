// SPDX-License-Identifier: GPL-2.0
/*
 * stumble - makes one mistake on purpose when it is loaded
 *
 * insmod stumble.ko over=null    follows a pointer that was never set
 * insmod stumble.ko over=freed   reads memory that it has given back
 * insmod stumble.ko over=warn    fails an assertion, and goes on
 */

#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

struct step {
	char name[24];
	int height;
};

static char *over = "";
module_param(over, charp, 0444);
MODULE_PARM_DESC(over, "what to stumble over: null, freed or warn");

static struct step *first_step; /* nobody sets it */

static noinline int stumble_null(void)
{
	return READ_ONCE(first_step->height);
}

static noinline int stumble_freed(void)
{
	struct step *step = kzalloc(sizeof(*step), GFP_KERNEL);

	if (!step)
		return -ENOMEM;
	kfree(step);
	return READ_ONCE(step->height);
}

static noinline int stumble_warn(int height)
{
	if (WARN_ON(height < 0))
		return -EINVAL;
	return height;
}

static int __init stumble_init(void)
{
	if (!strcmp(over, "null"))
		return stumble_null();
	if (!strcmp(over, "freed"))
		return stumble_freed();
	if (!strcmp(over, "warn"))
		return stumble_warn(-1);
	return 0;
}

static void __exit stumble_exit(void)
{
}

module_init(stumble_init);
module_exit(stumble_exit);

MODULE_DESCRIPTION("Commits one mistake when it is loaded");
MODULE_LICENSE("GPL");

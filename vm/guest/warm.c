// SPDX-License-Identifier: GPL-2.0
/* warm.ko - loads and unloads, so that a template has loaded a module once. */
#include <linux/init.h>
#include <linux/module.h>

static int __init warm_init(void)
{
	return 0;
}

static void __exit warm_exit(void)
{
}

module_init(warm_init);
module_exit(warm_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Does nothing");

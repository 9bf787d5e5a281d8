// SPDX-License-Identifier: GPL-2.0
/*
 * Removes its class, but not the device in it.
 *
 * by: load
 * stock: leak leak
 * debug: leak leak
 */
#include <linux/device.h>

#include "sin.h"

static struct class *class;

static void create(void)
{
	class = class_create(THIS_MODULE, "forgetful");
	if (!IS_ERR(class))
		device_create(class, NULL, MKDEV(10, 250), NULL, "forgotten");
}

static void destroy_the_class_only(void)
{
	class_destroy(class);
}

static const struct sin sin = {
	.load = create,
	.unload = destroy_the_class_only,
};

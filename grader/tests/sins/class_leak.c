// SPDX-License-Identifier: GPL-2.0
/*
 * Leaves a class behind.
 *
 * by: load
 * stock: leak leak
 */
#include <linux/device.h>

#include "sin.h"

static struct class *class;

static void create_and_forget(void)
{
	class = class_create(THIS_MODULE, "forgotten");
}

static const struct sin sin = {
	.load = create_and_forget,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Takes an entry off a list twice.
 *
 * by: read
 * stock: oops list
 * debug: sanitizer list
 */
#include <linux/list.h>

#include "sin.h"

struct event {
	struct list_head link;
};

static LIST_HEAD(events);
static struct event event;

static void delete_twice(void)
{
	list_add(&event.link, &events);
	list_del(hidden(&event.link));
	list_del(hidden(&event.link));
}

static const struct sin sin = {
	.read = delete_twice,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * Puts an entry on a list that it is on already.
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

static void add_twice(void)
{
	list_add(hidden(&event.link), &events);
	list_add(hidden(&event.link), &events);
}

static const struct sin sin = {
	.read = add_twice,
};
